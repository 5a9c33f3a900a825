"""Proofing for demonstrations: asks questions to which the registration itself holds the answers.

It proves nothing, since whoever registers knows what he or she has entered. So it serves demonstrations only.
All answers right: proved. One wrong: a reference number is needed, which is shown instead of being given by
telephone. More: failed.
"""

import logging
import secrets

from iqies_flask.plugin import (
    AskQuestions,
    Failed,
    NeedReference,
    ProofingAnswer,
    ProofingRequest,
    Proved,
    hookimpl,
)

from .questions import make_questions

logger = logging.getLogger(__name__)

NOTICE = (
    "This is a demonstration. The questions are made of what you entered when you registered, so answering"
    " them proves nothing. No proofing service is asked, and nothing you enter leaves this installation."
)


@hookimpl
def prove_identity(request: ProofingRequest) -> ProofingAnswer | None:
    """Ask questions in a demonstration; leave everybody to others in earnest."""
    if not request.demonstration:
        logger.info("Plugin proofing_demo proves nobody outside of a demonstration.")
        return None
    if request.state is None:
        questions, right = make_questions(request.applicant, secrets.SystemRandom())
        return AskQuestions(questions, {"right": right}, NOTICE)
    if "reference" in request.state:
        return _check_reference(request.reference, request.state["reference"])
    return _check_answers(request.answers, request.state["right"])


def _check_answers(answers: dict[str, str], right: dict[str, str]) -> ProofingAnswer:
    wrong = sum(answers.get(question) != choice for question, choice in right.items())
    if wrong == 0:
        return Proved("demonstration")
    if wrong > 1:
        return Failed(f"More than one answer does not fit what you entered. {NOTICE}")
    number = f"{secrets.randbelow(1_000_000):06}"
    return NeedReference(
        "One answer does not fit what you entered. A proofing service would ask you to call it, and would"
        f" give you a reference number by telephone. Here it is shown instead: {number}.",
        {"reference": number},
        NOTICE,
    )


def _check_reference(entered: str, given: str) -> ProofingAnswer:
    if secrets.compare_digest(entered.strip().encode(), given.encode()):
        return Proved("demonstration")
    return Failed(f"This is not the reference number that was shown. {NOTICE}")
