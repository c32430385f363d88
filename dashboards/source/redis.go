package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

const streams = `system="redis",target=~"$target",stream=~"$stream"`

// redis answers what happens to Redis streams: growth, trimming, what groups hold of them.
func redis() board {
	return board{
		uid: "streamgauge-redis", title: "Streamgauge / Redis streams",
		about:     "How Redis streams grow, how they are trimmed, and what is pending on them.",
		variables: append(systemVariables("redis"), rows("20", "50", "100", "500")),
		sections: []section{
			{panels: append(streamFigures(streams, "Streams"), verdictCounts(streams))},
			{panels: []dashboard.Panel{
				streamTable(),
				groupTable("Groups, worst first", streams, "$rows", 9),
			}},
			{title: "Streams", panels: append(streamGraphs(streams), history())},
			{title: "Pending", panels: pendingPanels()},
		},
	}
}

func streamTable() dashboard.Panel {
	length := with("stream:streamgauge_stream_length:max", streams)
	longest := top("$rows", length)
	of := func(metric string) string {
		return among(by("max", byStream, with(metric, streams)), byStream, longest)
	}
	ofCapacity := among(by("max", byStream, length)+
		` / scalar(streamgauge:threshold{name="stream_capacity",system="redis"})`, byStream, longest)
	return listing{
		panel: panel{
			title: "Streams, longest first", width: 24, height: 9, unit: messages, empty: "no streams",
			about: "Of capacity is the length as a share of the threshold stream_capacity of the alerts. " +
				"History is the age difference between the newest and the oldest message held. Memory is " +
				"there where the target has `stream_bytes: true`.",
		},
		sortBy: "Length",
		columns: []column{
			labelColumn("cluster", nil),
			unshown("system"),
			labelColumn("target", linkTo("Agent and target", "streamgauge-agent", "target")),
			labelColumn("stream", linkToGroups("redis")),
			{title: "Length", expr: by("max", byStream, longest), unit: messages},
			{title: "Of capacity", expr: ofCapacity, unit: share, empty: "no threshold", steps: warnThenBad(0.8, 1)},
			{title: "Appended", expr: of("stream:streamgauge_stream_appended:rate5m"), unit: messagesPerSecond},
			{title: "Removed", expr: of("stream:streamgauge_stream_removed:rate5m"), unit: messagesPerSecond},
			{title: "History", expr: of("streamgauge_stream_span_seconds"), unit: seconds},
			{title: "Groups", expr: of("streamgauge_stream_groups"), unit: count},
			{title: "Worst group", expr: of("group:streamgauge_group_rank:max"), empty: "no groups",
				mappings: named(verdicts)},
			{title: "Memory", expr: of("streamgauge_stream_bytes"), unit: memory, empty: "not measured"},
		},
	}.build()
}

func history() dashboard.Panel {
	span := by("max", byStream, with("streamgauge_stream_span_seconds", streams))
	return graph(panel{
		title: "History held, 10 longest", width: 24, unit: seconds,
		about: "Age difference between the newest and the oldest message: how far a group may fall " +
			"behind before trimming reaches what it has not read.",
		queries: lines(amongLongest(span, streams), streamLegend),
	})
}

func pendingPanels() []dashboard.Panel {
	worst := func(metric string) []query {
		each := by("max", byGroup, with(metric, streams))
		return lines(among(each, byGroup, worstGroups("10", streams)), groupLegend)
	}
	dead := with("group:streamgauge_group_consumers:max", `state="dead_with_pending",`+streams)
	return []dashboard.Panel{
		graph(panel{
			title: "Pending, 10 worst groups", width: 8, unit: messages,
			about:   "Delivered and not acknowledged, of the groups that are worst at the end.",
			queries: worst("streamgauge_group_pending"),
		}),
		graph(panel{
			title: "Oldest pending message, 10 worst groups", width: 8, unit: seconds,
			empty:   "nothing is pending",
			about:   "Age of the oldest pending message by its own timestamp.",
			queries: worst("streamgauge_group_oldest_pending_seconds"),
		}),
		graph(panel{
			title: "Consumers that are gone and hold messages", width: 8, unit: count,
			about: "Per target: consumers that no longer ask and still hold messages. Others must claim them.",
			steps: above(1, "orange"), queries: lines(by("sum", byTarget, dead), targetLegend),
		}),
	}
}
