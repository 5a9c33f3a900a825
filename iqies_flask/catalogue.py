"""All messages of the project's own, of whatever room, for the reference of edits."""

from iqies_flask.pipeline.messages import CATALOGUE as OF_THE_PIPELINE
from iqies_flask.specs.messages import CATALOGUE as OF_THE_SPECIFICATIONS
from iqies_flask.submissions.messages import CATALOGUE as OF_SUBMISSIONS

OWN_MESSAGES = (*OF_THE_PIPELINE, *OF_THE_SPECIFICATIONS, *OF_SUBMISSIONS)
"""In the order of their ids."""
