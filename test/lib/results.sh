# Counting what a suite's output says.  Sourced.
#
#	results_tap FILE	TAP, with or without numbers, also as "prove -v" shows it;
#				only the outermost level counts
#	results_regress FILE	pg_regress and pg_isolation_regress
#
# Both print "PASSED FAILED SKIPPED".  A plan that promises more results than
# there are counts the missing ones as failed.

results_tap()
{
	awk '
		/^ok [^ ]/ {
			if (tolower($0) ~ /# *skip/) skipped++; else passed++
			seen++
		}
		/^not ok [^ ]/ {
			if (tolower($0) ~ /# *todo/) skipped++; else failed++
			seen++
		}
		/^1\.\.[0-9]+/ {
			n = substr($1, 4) + 0
			if (n == 0) skipped++
			planned += n
		}
		/^Bail out!/ { failed++ }
		END {
			if (planned > seen) failed += planned - seen
			print passed + 0, failed + 0, skipped + 0
		}' "$1"
}

results_regress()
{
	awk '
		/ \.\.\. ok( |$)/ { passed++ }
		/ \.\.\. FAILED/ { failed++ }
		/ \.\.\. failed \(ignored\)/ { skipped++ }
		END { print passed + 0, failed + 0, skipped + 0 }' "$1"
}
