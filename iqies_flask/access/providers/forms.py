"""The form in which the registry's entry of a provider is changed."""

from dataclasses import asdict
from typing import Any

from wtforms import DateField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Optional, ValidationError

from iqies_flask.access.branches import read_branches, write_branches
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.npi import checked_npi
from iqies_flask.access.provider_values import (
    check_span,
    checked_day,
    checked_facility_id,
    checked_name,
    checked_text,
    checked_zip,
    read_domains,
)
from iqies_flask.access.providers.service import Details
from iqies_flask.forms import Form, InNormalForm, choices, said_at_the_field

UNKNOWN, NONE, LISTED = "unknown", "none", "listed"

_BRANCHES_KNOWN = [
    (UNKNOWN, "Not known: records are not checked for branches"),
    (NONE, "The agency has none and never had any"),
    (LISTED, "All its branches are listed below"),
]


def _npi(text: str) -> str:
    return checked_npi(text) if text.strip() else ""


class ProviderForm(Form):
    """All that can be changed of a provider. It knows which version of that the person has seen."""

    seen = HiddenField()
    name = StringField("Name", validators=[InNormalForm(checked_name)])
    street = StringField(
        "Street address", validators=[InNormalForm(lambda text: checked_text(text, Provider.street))]
    )
    city = StringField("City", validators=[InNormalForm(lambda text: checked_text(text, Provider.city))])
    zip = StringField("ZIP Code", validators=[InNormalForm(checked_zip)])
    facility_id = StringField("Facility ID", validators=[InNormalForm(checked_facility_id)])
    npi = StringField("NPI", validators=[InNormalForm(_npi)])
    group_name = StringField(
        "Corporate group", validators=[InNormalForm(lambda text: checked_text(text, Provider.group_name))]
    )
    email_domains = TextAreaField("E-mail domains")
    certified_on = DateField("Certified on", validators=[Optional()])
    terminated_on = DateField("Certification ended on", validators=[Optional()])
    branches_known = RadioField(
        "Branches",
        choices=choices(_BRANCHES_KNOWN),
        default=UNKNOWN,
        validators=[Optional()],
    )
    branches = TextAreaField("List of branches")

    def validate_email_domains(self, field: TextAreaField) -> None:
        """Check each domain."""
        InNormalForm(lambda text: "\n".join(read_domains(text)))(self, field)

    def validate_certified_on(self, field: DateField) -> None:
        """Refuse days on which nothing was certified."""
        _check_day(field)

    def validate_terminated_on(self, field: DateField) -> None:
        """Refuse an end before the beginning."""
        _check_day(field)
        with said_at_the_field():
            check_span(self.certified_on.data, field.data)

    def validate_branches(self, field: TextAreaField) -> None:
        """Check each branch, and that there are some exactly where they are said to be listed."""
        InNormalForm(lambda text: write_branches(read_branches(text)))(self, field)
        if self.branches_known.data == LISTED and not field.data:
            raise ValidationError("List the branches, one a line, or choose that there are none.")
        if self.branches_known.data != LISTED and field.data:
            raise ValidationError("Choose that the branches are listed, or take them out of the list.")

    @property
    def version_seen(self) -> str:
        """Version of what the person has seen; empty where the form was sent without it."""
        return self.seen.raw_data[0] if self.seen.raw_data else ""

    def tell_of_changes(self, typed: Details, present: Details) -> None:
        """Say at each field what the registry holds by now, where that is something else than what was typed.

        Whoever saves once more has seen it.

        Args:
            typed: What `details` gives.
            present: What the registry holds.
        """
        self.seen.data = present.version
        self.form_errors.append(
            "Somebody else has changed this provider since you opened this page. Nothing is saved yet:"
            " compare what is marked below with what you typed, and save once more."
        )
        wanted = _as_shown(typed)
        for name, value in _as_shown(present).items():
            if value != wanted[name]:
                said = dict(_BRANCHES_KNOWN)[value] if name == "branches_known" else value
                self[name].errors = [f"The registry holds now: {said or 'nothing'}"]

    def details(self, provider: Provider) -> Details:
        """Give what was typed, once it has been validated."""
        agency = provider.kind is ProviderKind.HOME_HEALTH_AGENCY
        known = agency and self.branches_known.data in {NONE, LISTED}
        return Details(
            name=self.name.data or "",
            street=self.street.data or "",
            city=self.city.data or "",
            zip=self.zip.data or "",
            facility_id=self.facility_id.data or "",
            npi=self.npi.data or "",
            group_name=self.group_name.data or "",
            email_domains=read_domains(self.email_domains.data or ""),
            certified_on=self.certified_on.data,
            terminated_on=self.terminated_on.data,
            branches=read_branches(self.branches.data or "") if known else None,
        )


def fields_of(details: Details) -> dict[str, Any]:
    """What the form shows before anything is typed."""
    return {**_as_shown(details), "seen": details.version}


def _as_shown(details: Details) -> dict[str, Any]:
    known = details.branches is not None
    return {
        **asdict(details),
        "email_domains": "\n".join(details.email_domains),
        "branches_known": (LISTED if details.branches else NONE) if known else UNKNOWN,
        "branches": write_branches(details.branches or []),
    }


def _check_day(field: DateField) -> None:
    with said_at_the_field():
        if field.data:
            checked_day(field.data)
