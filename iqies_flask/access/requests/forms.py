"""The forms of the four steps."""

from wtforms import RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from iqies_flask.access.matrix import Matrix
from iqies_flask.access.requests.rules import SERVICE_CENTER
from iqies_flask.access.roles import CATEGORY_LABELS, Category, Role
from iqies_flask.forms import Form, choices

FOR_WHOM = {
    Category.PROVIDER: "You work for a nursing home, swing-bed hospital or home health agency.",
    Category.VENDOR: "You work for a company that submits assessments for providers.",
    Category.CMS: "You work for the Centers for Medicare & Medicaid Services.",
    Category.STATE: "You work for a state agency.",
    Category.SERVICE_CENTER: "You help the users of this site.",
}
"""Whom each user category is for."""

_MOST_TYPED = 20_000


class CategoryForm(Form):
    """The user category."""

    category = RadioField(
        "User category",
        choices=choices((category.value, CATEGORY_LABELS[category]) for category in Category),
        validators=[InputRequired("Choose whom you work for.")],
    )

    def validate_category(self, field: RadioField) -> None:
        """Say where to ask for what cannot be asked for here."""
        if field.data == Category.SERVICE_CENTER:
            raise ValidationError(SERVICE_CENTER)

    @property
    def chosen(self) -> Category:
        """The category."""
        return Category(self.category.data)


class RoleForm(Form):
    """The role, one of a category."""

    role = RadioField("User role", validators=[InputRequired("Choose a role.")])

    def __init__(self, matrix: Matrix, category: Category, data: dict[str, str | None]) -> None:
        super().__init__(data=data)
        self.role.choices = choices(
            (entry.role.value, entry.label) for entry in matrix.roles.values() if entry.category is category
        )

    @property
    def chosen(self) -> Role:
        """The role."""
        return Role(self.role.data)


class OrganizationsForm(Form):
    """CCNs to be added to the list."""

    ccns = StringField(
        "CMS Certification Number (CCN)",
        validators=[
            DataRequired("Enter a CCN: six digits and letters, such as 015001."),
            Length(max=_MOST_TYPED, message="That is too much at a time. Add the CCNs in several parts."),
        ],
    )
