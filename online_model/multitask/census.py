"""Census-Income (KDD), the public benchmark of multi-task papers: does a person earn much, was one never married?

UCI Machine Learning Repository, 42 columns, no header. The two labels are those of the MMoE paper (KDD 2018, group
1); marital status is no input then. The instance weight says how the sample was drawn and is none either.
"""

from collections.abc import Iterable

import numpy as np

from online_model.multitask.problem import DataError, Table, is_held_out

COLUMNS = (
    "age",
    "class_of_worker",
    "industry_code",
    "occupation_code",
    "education",
    "wage_per_hour",
    "enrolled_last_week",
    "marital_status",
    "major_industry",
    "major_occupation",
    "race",
    "hispanic_origin",
    "sex",
    "union_member",
    "unemployment_reason",
    "full_or_part_time",
    "capital_gains",
    "capital_losses",
    "dividends",
    "tax_filer",
    "previous_region",
    "previous_state",
    "household_detail",
    "household_summary",
    "instance_weight",
    "migration_msa",
    "migration_region",
    "migration_within_region",
    "same_house_a_year_ago",
    "migration_sunbelt",
    "employer_size",
    "family_under_18",
    "father_born_in",
    "mother_born_in",
    "born_in",
    "citizenship",
    "own_business",
    "veterans_questionnaire",
    "veterans_benefits",
    "weeks_worked",
    "year",
    "income",
)
DENSE = (
    "age",
    "wage_per_hour",
    "capital_gains",
    "capital_losses",
    "dividends",
    "employer_size",
    "weeks_worked",
)
NOT_INPUTS = ("marital_status", "instance_weight", "income")


def read_census(lines: Iterable[str]) -> Table:
    """Tasks `income` (above 50,000 dollars) and `marital` (never married). DataError for a line of another shape."""
    rows, held_out = [], []
    for number, line in enumerate(lines, 1):
        row = [text.strip() for text in line.split(",")]
        if len(row) != len(COLUMNS):
            raise DataError(f"line {number} has {len(row)} fields; Census-Income has {len(COLUMNS)}")
        rows.append(row)
        held_out.append(is_held_out(line))
    columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)) if rows else {}
    if not columns:
        raise DataError("there are no lines")
    labels = {
        "income": np.array([text.startswith("50000+") for text in columns["income"]]),
        "marital": np.array([text == "Never married" for text in columns["marital_status"]]),
    }
    inputs = {name: texts for name, texts in columns.items() if name not in NOT_INPUTS}
    return Table(inputs, DENSE, labels, np.array(held_out))
