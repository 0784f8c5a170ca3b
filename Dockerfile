# One image for the API, the worker, the migrations and the mailbox: they differ by their command alone.

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN pip install uv==0.13.9 && python -m venv /opt/venv
WORKDIR /build
COPY pyproject.toml requirements.lock ./
# The lock also names what tests and `journeyman up` need. Used as constraints it pins what the product runs on, and
# every hash is checked, without bringing the rest along. aiosmtpd is for the mailbox,
# openai for proposals of copy, apprise for notices to the team.
RUN uv pip install --no-cache --compile-bytecode --python /opt/venv/bin/python \
      --constraint requirements.lock --requirement pyproject.toml aiosmtpd apprise openai

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app --no-create-home --shell /usr/sbin/nologin journeyman \
 && install --directory --owner journeyman --mode 0700 /data \
 && printf '#!/bin/sh\nexec python -m journeyman.cli.main "$@"\n' > /usr/local/bin/journeyman \
 && chmod 0755 /usr/local/bin/journeyman
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=build /opt/venv /opt/venv
COPY pyproject.toml worker.py ./
COPY journeyman journeyman
COPY api api
COPY client client
COPY workflows workflows
COPY activities activities
COPY migrations migrations
USER 10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
CMD ["python", "-m", "uvicorn", "--factory", "api.app:create_app", "--host", "0.0.0.0", "--port", "8080", \
     "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--timeout-graceful-shutdown", "10"]
