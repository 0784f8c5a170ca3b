import time

from journeyman.channels.plain_text import plain_text


def test_html_becomes_readable_text() -> None:
    source = """<!doctype html><html><head><title>t</title><style>p{color:red}</style></head><body>
    <div style="display:none">preview</div>
    <h1>Hello&nbsp;Ann</h1>
    <p>Your   cart <b>waits</b>:<br>two items.</p>
    <ul><li>Tea</li><li>Mug &amp; spoon</li></ul>
    <table><tr><td>Sum</td><td>12</td></tr></table>
    <p><a href="https://a.example/?x=1&amp;y=2">Look</a>, or <a href="https://a.example/">https://a.example/</a>,
    <a href="https://i.example/"><img src="i.png" alt="our shop"></a> <a href="#top">up</a></p>
    <!--[if mso]><p>Outlook</p><![endif]--><![if !mso]>all<![endif]></body></html>"""
    assert plain_text(source).splitlines() == [
        "Hello Ann",
        "",
        "Your cart waits:",
        "two items.",
        "",
        "- Tea",
        "",
        "- Mug & spoon",
        "",
        "Sum 12",
        "",
        "Look (https://a.example/?x=1&y=2), or https://a.example/, our shop (https://i.example/) up",
        "",
        "all",
    ]


def test_hidden_elements_within_each_other_end_where_the_outer_one_ends() -> None:
    source = '<div style="display: none">a<div>b</div>c<br></div>d<span>e</span>'
    assert plain_text(source) == "de\n"


def test_much_broken_markup_takes_linear_time() -> None:
    begun = time.process_time()
    for piece in ("<!--", "<a ", '<a href="', "<style>", "<div style='display:none'>", "<a href='x'>", "&", "<![if"):
        plain_text(piece * (250_000 // len(piece)))
    assert time.process_time() - begun < 8
