"""A trained network as the start of another, or as what another learns from beside the text."""

import torch

from pynq_lstm.compression.fine_tuning import checkpoint
from pynq_lstm.errors import CompressionError


class Teacher:
    """Trained models, one for each of their students, in evaluation.

    Parameters
    ----------
    models : LanguageModels
        Of the teachers' row and the students' seeds; `load` gives them their weights.
    places : sequence of int
        Where the models of a checkpoint are that are to be taken.
    epochs : int
        That the training of the teachers has.
    weight : float
        Of their predictions in the loss of their students, 0 to 1.
    """

    def __init__(self, models, places, epochs, weight=0.0):
        self.models = models.eval().requires_grad_(False)
        self.places, self.epochs = list(places), epochs
        self.weight, self.hidden = weight, None

    def load(self, path, identity):
        """Take the weights of a checkpoint of `Training`.

        Raises
        ------
        CompressionError
            There is none, it belongs to another training, or that is not over.
        """
        if not checkpoint.resume(path, self, identity):
            raise CompressionError(
                "teacher", str(path), "is not there",
                "train its row with the same seeds and schedule first, or name it in --rows",
            )  # fmt: skip
        return self

    def restore(self, state):
        """From `checkpoint.resume`."""
        if state["epoch"] < self.epochs:
            raise CompressionError(
                "teacher", f"{state['epoch']} of {self.epochs} epochs", "is not trained yet",
                "let its training end first",
            )  # fmt: skip
        with torch.no_grad():
            for name, parameter in self.models.named_parameters():
                parameter.copy_(state["parameters"][name][self.places])

    @torch.no_grad()
    def start(self, models):
        """Give its weights to `models`, of whatever row."""
        for name, parameter in self.models.named_parameters():
            getattr(models, name).copy_(parameter)

    def rewind(self, batch):
        """Read from the start of the text again, `batch` streams side by side."""
        self.hidden = self.models.first_state(batch)

    @torch.no_grad()
    def probabilities(self, tokens):
        """Of every word after the next tokens, (models, time * batch, vocabulary)."""
        logits, self.hidden = self.models.logits(tokens, self.hidden)
        return logits.softmax(-1)


def distilled(logits, targets, teacher, tokens):
    """What a student minimises, and the cross entropy in it, (models,) each.

    (1 - w) of its cross entropy with the text and w of that with the teacher's predictions,
    which is their divergence and a constant, at temperature 1.
    """
    logs = logits.log_softmax(-1)
    expected = targets.reshape(1, -1, 1).expand(len(logits), -1, 1)
    plain = -logs.gather(2, expected).mean((1, 2))
    soft = -(teacher.probabilities(tokens) * logs).sum(2).mean(1)
    return (1 - teacher.weight) * plain + teacher.weight * soft, plain
