package main

import "fmt"

// What tells groups, streams and targets apart, whichever agent reports them. `cluster` is there
// where the user's Prometheus has it.
const (
	byTarget    = "cluster, system, target"
	byStream    = "cluster, system, target, stream"
	byGroup     = "cluster, system, target, stream, group"
	byPartition = "cluster, system, target, stream, partition"
	byAgent     = "cluster, job, instance"
)

// The legends that go with them.
const (
	targetLegend    = "{{system}} {{target}}"
	streamLegend    = "{{target}} / {{stream}}"
	groupLegend     = "{{target}} / {{stream}} / {{group}}"
	partitionLegend = "{{target}} / {{stream}} / {{partition}}"
)

// with selects series: with("m", `a="b"`) is m{a="b"}.
func with(metric, matchers string) string { return metric + "{" + matchers + "}" }

// by aggregates the labels of the scrape away: by("max", byGroup, "m") is max by (...) (m).
func by(operator, labels, expr string) string {
	return fmt.Sprintf("%s by (%s) (%s)", operator, labels, expr)
}

// sum and highest are one figure of all.
func sum(metric, matchers string) string     { return "sum(" + with(metric, matchers) + ")" }
func highest(metric, matchers string) string { return "max(" + with(metric, matchers) + ")" }
func lowest(metric, matchers string) string  { return "min(" + with(metric, matchers) + ")" }

// top keeps the highest n; n may be a variable.
func top(n, expr string) string { return "topk(" + n + ", " + expr + ")" }

// rate is over the interval that suits the panel's resolution.
func rate(metric, matchers string) string {
	return "rate(" + with(metric, matchers) + "[$__rate_interval])"
}

// rate5m is for figures of the present, whatever the panel's resolution.
func rate5m(metric, matchers string) string { return "rate(" + with(metric, matchers) + "[5m])" }

// orNone is 0 where nothing is counted although there is something to count: what `all` selects.
// A plain `or vector(0)` would claim 0 where nothing is known.
func orNone(count, all string) string { return fmt.Sprintf("%s or 0 * count(%s)", count, all) }

// finite leaves +Inf out, which is a figure in a table and breaks the axis of a graph.
func finite(expr string) string { return expr + " < Inf" }

// among keeps the series whose labels are those of a ranking's best.
func among(expr, labels, ranking string) string {
	return fmt.Sprintf("%s and on (%s) %s", expr, labels, ranking)
}

// worstGroups ranks groups by verdict, then by age, at the end of the shown time: a ranking at each
// moment would draw every group that was among the worst once.
func worstGroups(n, matchers string) string {
	return top(n, with("group:streamgauge_group_worst:score", matchers)+" @ end()")
}

// threshold is a figure that alerts compare with: alerts/thresholds.rules.yml.
func threshold(name string) string {
	return fmt.Sprintf(`max(streamgauge:threshold{name="%s"})`, name)
}
