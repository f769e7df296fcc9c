"""What this machine has and lacks to run models, line by line, each with its remedy."""

from pynq_lstm.runtime.doctor.examination import examine
from pynq_lstm.runtime.doctor.findings import Finding, Place

__all__ = ["Finding", "Place", "examine"]
