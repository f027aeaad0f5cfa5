"""The kinds of step that calls to other systems carry out."""

from collections.abc import Mapping

from activities.sending.contract import MakeHandler
from activities.webhooks.call import Webhooks

STEP_HANDLERS: Mapping[str, MakeHandler] = {"webhook": Webhooks}
