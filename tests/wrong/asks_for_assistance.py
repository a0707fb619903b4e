"""Says what deployed connectors say besides: known extensions, which break nothing."""

from honest import Honest, run


class AsksForAssistance(Honest):
    def collect(self):
        self.say({"type": "ASSISTANCE", "request_id": "a1", "message": "look here"})
        super().collect()


run(AsksForAssistance)
