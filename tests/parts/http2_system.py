"""Another system that speaks HTTP/2 alone, over a plain connection (RFC 9113 section 3.3), with answers of a test."""

import asyncio
from contextlib import suppress

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, RequestReceived, StreamEnded

from tests.parts.other_system import Called, OtherSystem, Says

Requests = dict[int, tuple[dict[str, str], bytearray]]
"""By stream, the headers and the body as far as they have come."""


class Http2System(OtherSystem):
    """As `OtherSystem`, in the other protocol."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        requests: Requests = {}
        with suppress(ConnectionError):
            goes_on = True
            while goes_on and (data := await reader.read(65_535)):
                for event in connection.receive_data(data):
                    goes_on = goes_on and self._take(connection, event, requests)
                if goes_on:
                    writer.write(connection.data_to_send())
                    await writer.drain()
        writer.close()
        self._open.discard(writer)

    def _take(
        self, connection: H2Connection, event: Event, requests: dict[int, tuple[dict[str, str], bytearray]]
    ) -> bool:
        """Whether the connection goes on."""
        if isinstance(event, RequestReceived):
            requests[event.stream_id or 0] = (
                {str(name): str(value) for name, value in event.headers or ()},
                bytearray(),
            )
        elif isinstance(event, DataReceived):
            requests[event.stream_id or 0][1].extend(event.data or b"")
            connection.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
        elif isinstance(event, StreamEnded):
            headers, body = requests.pop(event.stream_id or 0)
            called = Called(headers[":method"], headers[":path"], headers, bytes(body))
            self.calls.append(called)
            return self._reply(connection, event.stream_id or 0, called)
        return True

    def _reply(self, connection: H2Connection, stream: int, called: Called) -> bool:
        answer = self.script.popleft() if self.script else self.answer(called)
        if answer.after:
            self.answer(called)
        if answer.status is None:
            return False
        if not answer.silent:
            _send(connection, stream, answer)
        return True


def _send(connection: H2Connection, stream: int, answer: Says) -> None:
    headers = [(":status", str(answer.status)), ("content-type", "application/json"), *answer.headers.items()]
    connection.send_headers(stream, headers, end_stream=not answer.body)
    if answer.body:
        connection.send_data(stream, answer.body, end_stream=True)
