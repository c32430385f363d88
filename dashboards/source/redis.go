package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// redis answers what happens to Redis streams: growth, trimming, what groups hold of them.
func redis() board {
	const (
		streams = `system="redis",target=~"$target",stream=~"$stream"`
		length  = "stream:streamgauge_stream_length:max"
	)
	longest := "topk($rows, " + with(length, streams) + ")"
	of := func(expr string) string { return among(expr, byStream, longest) }
	recorded := func(metric string) string { return of(by("max", byStream, with(metric, streams))) }
	tops := func(expr string) string {
		return among(expr, byStream, "topk(10, "+with(length, streams)+" @ end())")
	}
	worstGroups := func(metric string) string {
		return among(by("max", byGroup, with(metric, streams)), byGroup, worstGroups("10", streams))
	}
	return board{
		uid: "streamgauge-redis", title: "Streamgauge / Redis streams",
		about:     "How Redis streams grow, how they are trimmed, and what is pending on them.",
		variables: append(systemVariables("redis"), rows("20", "50", "100", "500")),
		sections: []section{
			{panels: append(streamFigures(streams, "Streams"),
				verdictCounts(streams),
				listing{
					panel: panel{title: "Streams, longest first", width: 24, height: 9, unit: messages, empty: "no streams", steps: neutral(),
						about: "Of capacity is the length as a share of the threshold stream_capacity of the alerts. " +
							"History is the age difference between the newest and the oldest message held. " +
							"Memory is there where the target has `stream_bytes: true`."},
					sortBy: "Length",
					columns: []column{
						labelColumn("cluster", nil),
						unshown("system"),
						labelColumn("target", linkTo("Agent and target", "streamgauge-agent", "target")),
						labelColumn("stream", &link{"Groups of this stream", "/d/streamgauge-overview?${datasource:queryparam}&var-system=redis&var-target=" +
							cell("Target") + "&var-stream=" + cell("Stream") + "&${__url_time_range}"}),
						{title: "Length", expr: by("max", byStream, longest), unit: messages, empty: "unknown"},
						{title: "Of capacity", expr: of(by("max", byStream, with(length, streams)) +
							` / scalar(streamgauge:threshold{name="stream_capacity",system="redis"})`), unit: share,
							empty: "no threshold", steps: warnThenBad(0.8, 1)},
						{title: "Appended", expr: recorded("stream:streamgauge_stream_appended:rate5m"), unit: messagesPerSecond, empty: "unknown"},
						{title: "Removed", expr: recorded("stream:streamgauge_stream_removed:rate5m"), unit: messagesPerSecond, empty: "unknown"},
						{title: "History", expr: recorded("streamgauge_stream_span_seconds"), unit: seconds, empty: "unknown"},
						{title: "Groups", expr: recorded("streamgauge_stream_groups"), unit: count, empty: "unknown"},
						{title: "Worst group", expr: recorded("group:streamgauge_group_rank:max"), empty: "no groups", mappings: named(verdicts)},
						{title: "Memory", expr: recorded("streamgauge_stream_bytes"), unit: memory, empty: "not measured"},
					},
				}.build(),
				groupTable("Groups, worst first", streams, "$rows", 9),
			)},
			{title: "Streams", panels: append(streamGraphs(streams, tops),
				graph(panel{title: "History held, 10 longest", width: 24, unit: seconds, empty: "unknown", steps: neutral(),
					about:   "Age difference between the newest and the oldest message: how far a group may fall behind.",
					queries: []query{{expr: tops(by("max", byStream, with("streamgauge_stream_span_seconds", streams))), legend: streamLegend}}}))},
			{title: "Pending", panels: []dashboard.Panel{
				graph(panel{
					title: "Pending, 10 worst groups", width: 8, unit: messages, empty: "unknown", steps: neutral(),
					about:   "Delivered and not acknowledged, of the groups that are worst at the end.",
					queries: []query{{expr: worstGroups("streamgauge_group_pending"), legend: groupLegend}},
				}),
				graph(panel{
					title: "Oldest pending message, 10 worst groups", width: 8, unit: seconds, empty: "nothing is pending", steps: neutral(),
					about:   "Age of the oldest pending message by its own timestamp.",
					queries: []query{{expr: worstGroups("streamgauge_group_oldest_pending_seconds"), legend: groupLegend}},
				}),
				graph(panel{
					title: "Consumers that are gone and hold messages", width: 8, unit: count, empty: "unknown", steps: above(1, "orange"),
					about: "Per target: consumers that no longer ask and still hold messages. They never come back by themselves.",
					queries: []query{{expr: "sum by (" + byTarget + ") (" + with("group:streamgauge_group_consumers:max",
						`state="dead_with_pending",`+streams) + ")", legend: targetLegend}},
				}),
			}},
		},
	}
}

// streamFigures are the first figures of both dashboards of streams.
func streamFigures(streams, title string) []dashboard.Panel {
	length := with("stream:streamgauge_stream_length:max", streams)
	return []dashboard.Panel{
		figure(panel{title: title, width: 3, height: 4, unit: count, empty: "none", steps: neutral(),
			about: "How many are watched of those chosen.", queries: []query{{expr: "count(" + length + ")"}}}),
		figure(panel{title: "Messages held", width: 3, height: 4, unit: messages, empty: "unknown", steps: neutral(),
			about: "Sum of the lengths.", queries: []query{{expr: "sum(" + length + ")"}}}),
		figure(panel{title: "Appended", width: 4, height: 4, unit: messagesPerSecond, empty: "unknown", steps: neutral(),
			about:   "Sum over the streams, mean of five minutes.",
			queries: []query{{expr: "sum(" + with("stream:streamgauge_stream_appended:rate5m", streams) + ")"}}}),
		figure(panel{title: "Removed", width: 4, height: 4, unit: messagesPerSecond, empty: "unknown", steps: neutral(),
			about:   "Trimmed, deleted or expired, mean of five minutes.",
			queries: []query{{expr: "sum(" + with("stream:streamgauge_stream_removed:rate5m", streams) + ")"}}}),
	}
}

// streamGraphs are the graphs of both dashboards of streams; tops keeps a few of them.
func streamGraphs(streams string, tops func(string) string) []dashboard.Panel {
	return []dashboard.Panel{
		graph(panel{title: "Length, 10 longest", width: 8, unit: messages, empty: "unknown", steps: neutral(),
			about:   "A length that only grows is trimmed by nobody; one that falls at once was trimmed by hand or made anew.",
			queries: []query{{expr: tops(with("stream:streamgauge_stream_length:max", streams)), legend: streamLegend}}}),
		graph(panel{title: "Appended, 10 longest", width: 8, unit: messagesPerSecond, empty: "unknown", steps: neutral(),
			about:   "Messages that producers add.",
			queries: []query{{expr: tops(with("stream:streamgauge_stream_appended:rate5m", streams)), legend: streamLegend}}}),
		graph(panel{title: "Removed, 10 longest", width: 8, unit: messagesPerSecond, empty: "unknown", steps: neutral(),
			about:   "Messages that trimming, retention or deletion takes away.",
			queries: []query{{expr: tops(with("stream:streamgauge_stream_removed:rate5m", streams)), legend: streamLegend}}}),
	}
}
