# A gate for OPA and conftest over `badgateway check --format json`.
#
#   badgateway check . --format json > report.json; conftest test --policy ci/opa report.json
#
# It denies what it cannot read: a document of another shape, one that is not complete, and none at
# all. badgateway's own exit code is not seen here, so the document has to say it all.
package main

import rego.v1

# Shapes that this policy can read.
versions := {1}

is_report if {
	input.schema_version in versions
	is_boolean(input.complete)
	is_array(input.findings)
	is_array(input.problems)
}

deny contains message if {
	not is_report
	message := "this is no report of badgateway that this policy can read"
}

deny contains message if {
	is_report
	not input.complete
	message := "badgateway could not read or decide everything"
}

deny contains message if {
	some problem in input.problems
	message := sprintf("%v: %v", [problem.kind, problem.message])
}

# Only what is known to be harmless passes: a severity that nobody knows is denied.
deny contains message if {
	some finding in input.findings
	not finding.severity == "info"
	message := sprintf("%v: %v", [finding.rule, finding.message])
}

default allow := false

allow if count(deny) == 0
