package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// kafka answers what happens to topics: skew, leaders, replicas, transactions.
func kafka() board {
	const (
		topics      = `system="kafka",target=~"$target",stream=~"$stream"`
		offline     = "stream:streamgauge_partitions_offline:count"
		replication = "stream:streamgauge_partitions_under_replicated:count"
		heldBack    = "stream:streamgauge_partitions_held_back:sum"
		skew        = "stream:streamgauge_partition_appended_skew:ratio5m"
		lagSkew     = "group:streamgauge_partition_lag_skew:ratio"
		empty       = "unknown: needs detail: partition"
	)
	length := with("stream:streamgauge_stream_length:max", topics)
	// Broken topics first, then by length.
	ranking := "(1e15 * " + with(offline, topics) + " + 1e14 * " + with(replication, topics) + " + " + length + " or " + length + ")"
	first := "topk($rows, " + ranking + ")"
	recorded := func(metric string) string {
		return among(by("max", byStream, with(metric, topics)), byStream, first)
	}
	tops := func(expr string) string {
		atEnd := "topk(10, " + with("stream:streamgauge_stream_length:max", topics) + " @ end())"
		return among(expr, byStream, atEnd)
	}
	sum := func(metric string) []query { return []query{{expr: "sum(" + with(metric, topics) + ")"}} }
	worstGroup := func(metric string) string {
		return among(with(metric, topics), byGroup, worstGroups("10", topics))
	}
	return board{
		uid: "streamgauge-kafka", title: "Streamgauge / Kafka topics and partitions",
		about:     "How topics are filled, whether their partitions are even, led and replicated, and what transactions hold back.",
		variables: append(systemVariables("kafka"), rows("20", "50", "100", "500")),
		sections: []section{
			{panels: append(streamFigures(topics, "Topics"),
				verdictCounts(topics),
				figure(panel{title: "Partitions", width: 6, height: 4, unit: count, empty: "none", steps: neutral(),
					about:   "Partitions of the chosen topics.",
					queries: []query{{expr: "sum(" + by("max", byStream, with("streamgauge_stream_partitions", topics)) + ")"}}}),
				figure(panel{title: "Without a leader", width: 6, height: 4, unit: count, empty: empty, steps: above(1, "red"),
					about: "Partitions that nobody can read or write.", queries: sum(offline)}),
				figure(panel{title: "Under-replicated", width: 6, height: 4, unit: count, empty: empty, steps: above(1, "orange"),
					about: "Partitions with fewer replicas in sync than they have.", queries: sum(replication)}),
				figure(panel{title: "Held back by transactions", width: 6, height: 4, unit: messages, empty: empty, steps: neutral(),
					about: "Records behind the last stable offset: read_committed consumers do not get them before the " +
						"transaction ends. Only a figure that stays is a trouble.",
					queries: sum(heldBack)}),
				listing{
					panel: panel{title: "Topics, broken ones first, then the longest", width: 24, height: 9, unit: messages, empty: "no topics", steps: neutral(),
						about: "Skew is the append rate of the busiest partition as a multiple of the mean: 1 is even, the " +
							"number of partitions means that all goes to one. Lag skew is the same of the lag, of the most " +
							"uneven group; it says little while the lag is small."},
					sortBy: "Order",
					columns: []column{
						{title: "Order", expr: by("max", byStream, first), hidden: true},
						labelColumn("cluster", nil),
						unshown("system"),
						labelColumn("target", linkTo("Agent and target", "streamgauge-agent", "target")),
						labelColumn("stream", &link{"Groups of this topic", "/d/streamgauge-overview?${datasource:queryparam}&var-system=kafka&var-target=" +
							cell("Target") + "&var-stream=" + cell("Stream") + "&${__url_time_range}"}),
						{title: "Partitions", expr: recorded("streamgauge_stream_partitions"), unit: count, empty: "unknown"},
						{title: "No leader", expr: recorded(offline), unit: count, empty: "unknown", steps: above(1, "red")},
						{title: "Under-replicated", expr: recorded(replication), unit: count, empty: "unknown", steps: above(1, "orange")},
						{title: "Held back", expr: recorded(heldBack), unit: messages, empty: "unknown"},
						{title: "Length", expr: recorded("stream:streamgauge_stream_length:max"), unit: messages, empty: "unknown"},
						{title: "Appended", expr: recorded("stream:streamgauge_stream_appended:rate5m"), unit: messagesPerSecond, empty: "unknown"},
						{title: "Removed", expr: recorded("stream:streamgauge_stream_removed:rate5m"), unit: messagesPerSecond, empty: "unknown"},
						{title: "Skew", expr: recorded(skew), unit: "suffix: ×", empty: "no traffic"},
						{title: "Lag skew", expr: recorded(lagSkew), unit: "suffix: ×", empty: "no lag"},
						{title: "Worst group", expr: recorded("group:streamgauge_group_rank:max"), empty: "no groups", mappings: named(verdicts)},
					},
				}.build(),
				groupTable("Groups, worst first", topics, "$rows", 9),
			)},
			{title: "Partitions", panels: []dashboard.Panel{
				partitionTable(topics),
				bars(panel{title: "Partitions led by each broker", width: 8, height: 9, unit: count, empty: empty, steps: neutral(),
					about:   "Uneven bars mean that some brokers do most of the work. A broker that leads none is missing here.",
					queries: []query{{expr: "count_values by (target) (\"broker\", " + by("max", byPartition, with("streamgauge_partition_leader", topics)) + ")", legend: "{{target}} / broker {{broker}}"}}}),
				graph(panel{title: "Skew of appends, 10 longest topics", width: 12, unit: "suffix: ×", empty: "no traffic, or no detail: partition", steps: neutral(),
					about:   "Append rate of the busiest partition as a multiple of the mean: 1 is even.",
					queries: []query{{expr: tops(with(skew, topics)), legend: streamLegend}}}),
				graph(panel{title: "Skew of lag, 10 worst groups", width: 12, unit: "suffix: ×", empty: "no lag, or no detail: partition", steps: neutral(),
					about:   "Lag of the worst partition as a multiple of the mean: 1 is even. It says little while the lag is small.",
					queries: []query{{expr: worstGroup(lagSkew), legend: groupLegend}}}),
				graph(panel{title: "Partitions without leader or under-replicated", width: 12, unit: count, empty: empty, steps: above(1, "red"),
					about: "Sums over the chosen topics. What comes and goes with the traffic is a broker that is too slow to follow.",
					queries: []query{
						{expr: "sum(" + with(offline, topics) + ")", legend: "without leader"},
						{expr: "sum(" + with(replication, topics) + ")", legend: "under-replicated"}}}),
				graph(panel{title: "Held back by open transactions, 10 longest topics", width: 12, unit: messages, empty: empty, steps: neutral(),
					about:   "It falls back to 0 when a transaction ends. A line that only rises is a transaction that hangs.",
					queries: []query{{expr: tops(with(heldBack, topics)), legend: streamLegend}}}),
			}},
			{title: "Topics", panels: streamGraphs(topics, tops)},
			{title: "Members", panels: []dashboard.Panel{
				stackedStates(panel{title: "Groups by the state of their members", width: 24, unit: count, empty: "unknown", steps: neutral(),
					about: "As Kafka tells. A group that keeps rebalancing never works; `empty` has no members.",
					queries: []query{{expr: "count by (state) (" + by("max", byGroup+", state", with("streamgauge_group_members_state", topics)) + ")",
						legend: "{{state}}"}}}, memberStates),
			}},
		},
	}
}

// partitionTable lists single partitions, those with most lag first.
func partitionTable(topics string) dashboard.Panel {
	lag := by("max", byPartition, with("streamgauge_group_partition_lag", topics))
	end := by("max", byPartition, with("streamgauge_partition_end_offset", topics))
	first := "topk($rows, " + lag + " or 0 * " + end + ")"
	of := func(expr string) string { return among(expr, byPartition, first) }
	plain := func(metric string) string { return of(by("max", byPartition, with(metric, topics))) }
	return listing{
		panel: panel{title: "Partitions, most lag first", width: 16, height: 9, unit: messages, empty: "none: needs detail: partition", steps: neutral(),
			about: "Lag and age are those of the group that is furthest behind on the partition."},
		sortBy: "Order",
		columns: []column{
			{title: "Order", expr: by("max", byPartition, first), hidden: true},
			labelColumn("cluster", nil),
			unshown("system"),
			labelColumn("target", nil),
			labelColumn("stream", nil),
			labelColumn("partition", nil),
			{title: "Leader", expr: plain("streamgauge_partition_leader"), unit: "none", empty: "no leader"},
			{title: "Replicas", expr: plain("streamgauge_partition_replicas"), unit: count, empty: "unknown"},
			{title: "In sync", expr: plain("streamgauge_partition_in_sync_replicas"), unit: count, empty: "unknown"},
			{title: "Start", expr: plain("streamgauge_partition_start_offset"), unit: "none", empty: "unknown"},
			{title: "Stable", expr: plain("streamgauge_partition_stable_offset"), unit: "none", empty: "unknown"},
			{title: "End", expr: plain("streamgauge_partition_end_offset"), unit: "none", empty: "unknown"},
			{title: "Lag", expr: of(lag), unit: messages, empty: "no group"},
			{title: "Age", expr: plain("streamgauge_group_partition_lag_seconds"), unit: seconds, empty: "unknown"},
		},
	}.build()
}
