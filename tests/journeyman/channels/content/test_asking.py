from journeyman.channels.content.asking import Uses, uses_of
from journeyman.channels.templates import read_content


def test_what_a_template_reads_is_listed_with_its_languages_and_blocks() -> None:
    content = read_content(
        {
            "channel": "email",
            "subject": "{{ customer.name }} {{ customer['first name'] }}",
            "html": "{% for one in entry.products %}{{ one.title }}{% endfor %}{% render 'footer', a: event.name %}",
            "languages": {"pl": {"subject": "{{ event.properties.total }} {{ context.answer.code }}"}},
            "blocks": {"footer": {"text": "{{ customer.city.name }}{{ coupon.code }}"}},
        }
    )
    read = Uses(["city", "first name", "name"], ["name", "total"], ["products"], ["answer"], ["footer"], coupon=True)
    assert uses_of(content) == read


def test_a_template_of_plain_words_reads_nothing() -> None:
    assert uses_of(read_content({"channel": "sms", "text": "x"})) == Uses([], [], [], [], [], coupon=False)
