package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// overview answers the first question at night: is anything stuck or about to lose data, and where?
func overview() board {
	const (
		targets = `system=~"$system",target=~"$target"`
		groups  = targets + `,stream=~"$stream",group=~"$group"`
		// Alerts on agents have no target, those on targets no group.
		alerts = `alertname=~"Streamgauge.+",system=~"$system|",target=~"$target|",stream=~"$stream|",group=~"$group|"`
	)
	worst := func(expr string) string { return among(expr, byGroup, worstGroups("10", groups)) }
	return board{
		uid: "streamgauge-overview", title: "Streamgauge / Backpressure overview",
		about:     "Every consumer group of every backbone, worst first.",
		variables: append(allVariables(), rows("50", "20", "100", "500")),
		sections: []section{
			{panels: []dashboard.Panel{
				verdictCounts(groups),
				figure(panel{
					title: "Firing alerts", width: 4, height: 4, unit: count, empty: "rules not loaded",
					about: "Alerts that page (critical) or want attention (warning), of the chosen targets and of the agent.",
					steps: above(1, "red"),
					queries: []query{{expr: orNone(
						`count(`+with("ALERTS", `alertstate="firing",severity=~"critical|warning",`+alerts)+`)`,
						"streamgauge:threshold")}},
				}),
				figure(panel{
					title: "Targets down", width: 3, height: 4, unit: count, empty: "no targets",
					about:   "Targets that no agent can read. Nothing is known about their groups.",
					steps:   above(1, "red"),
					queries: []query{{expr: orNone("count("+with("target:streamgauge_target_up:max", targets)+" == 0)", with("target:streamgauge_target_up:max", targets))}},
				}),
				figure(panel{
					title: "Oldest figures", width: 3, height: 4, unit: seconds, empty: "no target was read",
					about: "How long ago the target that is furthest behind was read. The table of targets compares " +
						"with the poll interval of each.",
					steps:   warnThenBad(120, 300),
					queries: []query{{expr: "max(" + figuresAge(targets) + ")"}},
				}),
				figure(panel{
					title: "Oldest unread message", width: 4, height: 4, unit: seconds, empty: "unknown",
					about:   "The highest age of all groups. Whether it is too old only an objective can say.",
					steps:   neutral(),
					queries: []query{{expr: "max(" + with("group:streamgauge_group_lag_seconds:max", groups) + ")"}},
				}),
			}},
			{panels: []dashboard.Panel{
				groupTable("Groups, worst first", groups, "$rows", 12),
				firingAlerts(alerts),
				freshness(targets),
			}},
			{title: "How it went", panels: []dashboard.Panel{
				stackedStates(panel{
					title: "Groups by state", width: 12, unit: count, empty: "no groups", steps: neutral(),
					about:   "Groups of the chosen targets, whatever stream and group are chosen.",
					queries: []query{{expr: "sum by (state) (" + with("target:streamgauge_groups:count", targets) + ")", legend: "{{state}}"}},
				}, verdicts),
				graph(panel{
					title: "Oldest unread message, 10 worst groups", width: 12, unit: seconds, empty: "unknown",
					about:   "Age of the oldest message not yet delivered, of the groups that are worst at the end.",
					steps:   neutral(),
					queries: []query{{expr: worst(with("group:streamgauge_group_lag_seconds:max", groups)), legend: groupLegend}},
				}),
				graph(panel{
					title: "Backlog, 10 worst groups", width: 12, unit: messages, empty: "unknown",
					about:   "Messages not finished (lag and pending), of the groups that are worst at the end.",
					steps:   neutral(),
					queries: []query{{expr: worst(with("group:streamgauge_group_backlog:max", groups)), legend: groupLegend}},
				}),
				graph(panel{
					title: "Appended, by target", width: 12, unit: messagesPerSecond, empty: "unknown",
					about:   "Messages appended to all watched streams of a target: a burst shows here first.",
					steps:   neutral(),
					queries: []query{{expr: with("target:streamgauge_stream_appended:rate5m", targets), legend: targetLegend}},
				}),
			}},
		},
	}
}
