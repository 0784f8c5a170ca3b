"""Templates that are not there stand in for themselves, on every channel."""

import pytest

from journeyman.channels.templates import read_content
from journeyman.language.channels import SENDING
from journeyman.simulation.stock import stand_in


@pytest.mark.parametrize("channel", SENDING)
def test_a_stand_in_is_a_template_of_its_channel(channel: str) -> None:
    content = read_content(stand_in("cart-reminder", channel))
    assert content.channel == channel
    assert "cart-reminder" in str(content.document())
