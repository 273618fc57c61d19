#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""productions.py: the list of productions in docs/sql.md, made from grammar.txt.

    productions.py          prints the list
    productions.py --write  puts it into docs/sql.md, between its two marks

The servers' grammars have some rules that no statement reaches, and this grammar has some helpers of its own: both are
named below. A test holds the page against this, and holds grammar.txt against what the real parsers accept.
"""
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import generate  # noqa: E402

PAGE = HERE.parents[1] / "docs/sql.md"
BEGIN, END = "<!-- productions: tests/oracle/productions.py --write -->", "<!-- end of productions -->"

HELPERS = set("""alterTable authorization cascade columnName denied extractField fetchFirst fromIn functionBody inCatalog jsonTable like
    mergeInsert orReplace period privileges quotes refreshWhere rolesOrPrivileges setOperator window""".split())
RENAMED = {"alterRoutineCharacteristic": "nullCallClause"}      # a rule with one alternative
ELSEWHERE = {"trino": ["standaloneExpression", "standaloneFunctionSpecification", "standalonePathSpecification",
                       "standaloneRowPattern", "standaloneType"],
             "presto": ["standaloneExpression", "standaloneRoutineBody"]}

# Rules of one server's grammar alone that grammar.txt uses for both.
OF_ONE = {**dict.fromkeys("""corresponding frameExtent grantObject orderBy patternRecognition propertyAssignments propertyValue
    rootQuery rootQueryWithSession""".split(), "T"), **dict.fromkeys("baseType determinism language nullCallClause viewSecurity".split(), "P")}

# (group, sources in sql/, file of statements, productions)
GROUPS = (
    ("Queries", "parse_query.c", "queries", """rootQuery rootQueryWithSession sessionProperty query with namedQuery queryNoWith
        orderBy limitRowCount rowCount queryTerm queryPrimary corresponding sortItem querySpecification groupBy groupingElement
        groupingSet setQuantifier selectItem"""),
    ("Relations", "parse_relation.c, parse_table_function.c", "relations", """relation joinType joinCriteria sampledRelation
        sampleType aliasedRelation columnAliases relationPrimary queryPeriod rangeType tableVersionExpression tableVersionState
        tableFunctionCall tableFunctionArgument tableArgument tableArgumentRelation descriptorArgument descriptorField
        copartitionTables"""),
    ("Row patterns", "parse_pattern.c", "patterns", """patternRecognition measureDefinition rowsPerMatch emptyMatchHandling skipTo
        subsetDefinition variableDefinition rowPattern patternPrimary patternQuantifier processingMode"""),
    ("Windows", "parse_window.c", "windows", "windowDefinition windowSpecification over windowFrame frameExtent frameBound nullTreatment"),
    ("Expressions", "parse_expression.c, parse_primary.c, parse_call.c, parse_special.c, parse_bracket.c", "expressions",
     """expression booleanExpression predicate valueExpression primaryExpression comparisonOperator comparisonQuantifier
        timeZoneSpecifier whenClause filter trimsSpecification normalForm listAggOverflowBehavior listaggCountIndication"""),
    ("JSON", "parse_json.c, parse_json_table.c", "json", """jsonPathInvocation jsonValueExpression jsonRepresentation jsonArgument
        jsonExistsErrorBehavior jsonValueBehavior jsonQueryWrapperBehavior jsonQueryBehavior jsonObjectMember jsonTableColumn
        jsonTableSpecificPlan jsonTablePathName planPrimary jsonTableDefaultPlan"""),
    ("Names and literals", "token.c, parse_name.c, parse_literal.c", "literals", """qualifiedName identifier nonReserved string number
        booleanValue interval intervalField"""),
    ("Types", "parse_type.c", "types", "type types rowField typeParameter baseType"),
    ("Routines", "parse_routine.c, parse_control.c", "statements", """functionSpecification functionDefinition functionDeclaration
        parameterDeclaration returnsClause routineCharacteristic routineCharacteristics alterRoutineCharacteristics routineBody
        returnStatement externalBodyReference externalRoutineName language determinism nullCallClause sqlParameterDeclaration
        controlStatement caseStatementWhenClause elseIfClause elseClause variableDeclaration sqlStatementList"""),
    ("Tables and their parts", "parse_table.c, parse_property.c, parse_create.c, parse_alter_table.c", "statements",
     """tableElement columnDefinition likeClause properties propertyAssignments property propertyValue constraintSpecification
        namedConstraintSpecification unnamedConstraintSpecification constraintType constraintQualifiers constraintQualifier
        constraintRely constraintEnabled constraintEnforced viewSecurity"""),
    ("Rights and roles", "parse_rights.c", "statements", """privilege privilegeOrRole roles grantObject entityKind ownedEntityKind
        grantor principal authorizationUser"""),
    ("Statements", "parse_statement.c, parse_data.c, parse_drop.c, parse_alter.c, parse_show.c, parse_session.c", "statements",
     """singleStatement statement mergeCase updateAssignment explainOption transactionMode levelOfIsolation callArgument
        pathSpecification pathElement"""),
)


def reach():
    """{production: "", "T" (Trino alone) or "P"}"""
    live = {d: {x.split("#")[0] for x in generate.Generator(d).live} for d in ("trino", "presto")}
    names = {n: "" if n in live["trino"] and n in live["presto"] else "T" if n in live["trino"] else "P"
             for n in live["trino"] | live["presto"]}
    return {**names, **OF_ONE, "alterRoutineCharacteristic": "P"}


def listing():
    marks, placed, out = reach(), set(), []
    for group, sources, statements, names in GROUPS:
        names = names.split() + (list(RENAMED) if group == "Routines" else [])
        placed |= set(names)
        shown = ", ".join(f"`{n}`" + (f" ({marks[n]})" if marks[n] else "") for n in names)
        files = ", ".join(f"`{s}`" for s in sources.split(", "))
        out.append(f"| {group} | {shown} | {files} | `{statements}.sql` |")
    missing = set(marks) - placed - HELPERS
    assert not missing, f"in no group: {sorted(missing)}"
    head = ["| group | productions | read in `sql/` | written statements |", "|---|---|---|---|"]
    return "\n".join(head + out)


def main():
    if "--write" not in sys.argv:
        print(listing())
        return
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    PAGE.write_text(before + BEGIN + "\n" + listing() + "\n" + END + rest.split(END)[1], "utf-8")


if __name__ == "__main__":
    main()
