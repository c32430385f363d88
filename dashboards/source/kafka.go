package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

const (
	topics = `system="kafka",target=~"$target",stream=~"$stream"`

	offline         = "stream:streamgauge_partitions_offline:count"
	underReplicated = "stream:streamgauge_partitions_under_replicated:count"
	heldBack        = "stream:streamgauge_partitions_held_back:sum"
	appendedSkew    = "stream:streamgauge_partition_appended_skew:ratio5m"
	lagSkew         = "group:streamgauge_partition_lag_skew:ratio"

	times        = "suffix: ×"
	noPartitions = "unknown: needs detail: partition"
)

// kafka answers what happens to topics: skew, leaders, replicas, transactions.
func kafka() board {
	return board{
		uid: "streamgauge-kafka", title: "Streamgauge / Kafka topics and partitions",
		about: "How topics are filled, whether their partitions are even, led and replicated, and what " +
			"transactions hold back.",
		variables: append(systemVariables("kafka"), rows("20", "50", "100", "500")),
		sections: []section{
			{panels: append(streamFigures(topics, "Topics"), verdictCounts(topics))},
			{panels: partitionFigures()},
			{panels: []dashboard.Panel{
				topicTable(),
				groupTable("Groups, worst first", topics, "$rows", 9),
			}},
			{title: "Partitions", panels: partitionPanels()},
			// Costs nothing until somebody opens it: it looks at every pair of a group and a partition.
			{title: "Partitions, one by one", collapsed: true, panels: []dashboard.Panel{partitionTable()}},
			{title: "Topics", panels: streamGraphs(topics)},
			{title: "Members", panels: []dashboard.Panel{members()}},
		},
	}
}

func partitionFigures() []dashboard.Panel {
	return []dashboard.Panel{
		figure(panel{
			title: "Partitions", width: 6, unit: count, empty: "none",
			about:   "Partitions of the chosen topics.",
			queries: only("sum(" + by("max", byStream, with("streamgauge_stream_partitions", topics)) + ")"),
		}),
		figure(panel{
			title: "Without a leader", width: 6, unit: count, empty: noPartitions,
			about: "Partitions that nobody can read or write.",
			steps: above(1, "red"), queries: only(sum(offline, topics)),
		}),
		figure(panel{
			title: "Under-replicated", width: 6, unit: count, empty: noPartitions,
			about: "Partitions with fewer replicas in sync than they have.",
			steps: above(1, "orange"), queries: only(sum(underReplicated, topics)),
		}),
		figure(panel{
			title: "Held back by transactions", width: 6, unit: messages, empty: noPartitions,
			about: "Records behind the last stable offset: read_committed consumers do not get them before " +
				"the transaction ends. Only a figure that stays is a trouble.",
			queries: only(sum(heldBack, topics)),
		}),
	}
}

func topicTable() dashboard.Panel {
	// Broken topics first, then by length.
	length := with("stream:streamgauge_stream_length:max", topics)
	trouble := "1e15 * " + with(offline, topics) + " + 1e14 * " + with(underReplicated, topics)
	order := top("$rows", "("+trouble+" + "+length+" or "+length+")")
	of := func(metric string) string {
		return among(by("max", byStream, with(metric, topics)), byStream, order)
	}
	return listing{
		panel: panel{
			title: "Topics, broken ones first, then the longest", width: 24, height: 9, unit: messages,
			empty: "no topics",
			about: "Skew is the append rate of the busiest partition as a multiple of the mean: 1 is even, " +
				"the number of partitions means that all goes to one. Lag skew is the same of the lag, of " +
				"the most uneven group; it says little while the lag is small.",
		},
		sortBy: "Order",
		columns: []column{
			{title: "Order", expr: by("max", byStream, order), hidden: true},
			labelColumn("cluster", nil),
			unshown("system"),
			labelColumn("target", linkTo("Agent and target", "streamgauge-agent", "target")),
			labelColumn("stream", linkToGroups("kafka")),
			{title: "Partitions", expr: of("streamgauge_stream_partitions"), unit: count},
			{title: "No leader", expr: of(offline), unit: count, steps: above(1, "red")},
			{title: "Under-replicated", expr: of(underReplicated), unit: count, steps: above(1, "orange")},
			{title: "Held back", expr: of(heldBack), unit: messages},
			{title: "Length", expr: of("stream:streamgauge_stream_length:max"), unit: messages},
			{title: "Appended", expr: of("stream:streamgauge_stream_appended:rate5m"), unit: messagesPerSecond},
			{title: "Removed", expr: of("stream:streamgauge_stream_removed:rate5m"), unit: messagesPerSecond},
			{title: "Skew", expr: of(appendedSkew), unit: times, empty: "no traffic"},
			{title: "Lag skew", expr: of(lagSkew), unit: times, empty: "no lag"},
			{title: "Worst group", expr: of("group:streamgauge_group_rank:max"), empty: "no groups",
				mappings: named(verdicts)},
		},
	}.build()
}

func partitionPanels() []dashboard.Panel {
	leaders := by("max", byPartition, with("streamgauge_partition_leader", topics))
	worst := worstGroups("10", topics)
	return []dashboard.Panel{
		bars(panel{
			title: "Partitions led by each broker", width: 12, height: 8, unit: count, empty: noPartitions,
			about: "Uneven bars mean that some brokers do most of the work. A broker that leads none is " +
				"missing here.",
			queries: lines(`count_values by (target) ("broker", `+leaders+`)`, "{{target}} / broker {{broker}}"),
		}),
		graph(panel{
			title: "Partitions without leader or under-replicated", width: 12, unit: count, empty: noPartitions,
			about: "Sums over the chosen topics. What comes and goes with the traffic is a broker that is " +
				"too slow to follow.",
			steps: above(1, "red"),
			queries: []query{
				{expr: sum(offline, topics), legend: "without leader"},
				{expr: sum(underReplicated, topics), legend: "under-replicated"},
			},
		}),
		graph(panel{
			title: "Skew of appends, 10 longest topics", width: 12, unit: times,
			empty:   "no traffic, or no detail: partition",
			about:   "Append rate of the busiest partition as a multiple of the mean: 1 is even.",
			queries: lines(amongLongest(with(appendedSkew, topics), topics), streamLegend),
		}),
		graph(panel{
			title: "Skew of lag, 10 worst groups", width: 12, unit: times,
			empty: "no lag, or no detail: partition",
			about: "Lag of the worst partition as a multiple of the mean: 1 is even. It says little while " +
				"the lag is small.",
			queries: lines(among(with(lagSkew, topics), byGroup, worst), groupLegend),
		}),
		graph(panel{
			title: "Held back by open transactions, 10 longest topics", width: 24, unit: messages,
			empty: noPartitions,
			about: "It falls back to 0 when a transaction ends. A line that only rises is a transaction " +
				"that hangs.",
			queries: lines(amongLongest(with(heldBack, topics), topics), streamLegend),
		}),
	}
}

// partitionTable lists single partitions, those with most lag first.
func partitionTable() dashboard.Panel {
	lag := by("max", byPartition, with("streamgauge_group_partition_lag", topics))
	end := by("max", byPartition, with("streamgauge_partition_end_offset", topics))
	order := top("$rows", lag+" or 0 * "+end)
	of := func(metric string) string {
		return among(by("max", byPartition, with(metric, topics)), byPartition, order)
	}
	return listing{
		panel: panel{
			title: "Partitions, most lag first", width: 24, height: 12, unit: messages,
			empty: "none: needs detail: partition",
			about: "Lag and age are those of the group that is furthest behind on the partition.",
		},
		sortBy: "Order",
		columns: []column{
			{title: "Order", expr: by("max", byPartition, order), hidden: true},
			labelColumn("cluster", nil),
			unshown("system"),
			labelColumn("target", nil),
			labelColumn("stream", nil),
			labelColumn("partition", nil),
			{title: "Leader", expr: of("streamgauge_partition_leader"), unit: number, empty: "no leader"},
			{title: "Replicas", expr: of("streamgauge_partition_replicas"), unit: count},
			{title: "In sync", expr: of("streamgauge_partition_in_sync_replicas"), unit: count},
			{title: "Start", expr: of("streamgauge_partition_start_offset"), unit: number},
			{title: "Stable", expr: of("streamgauge_partition_stable_offset"), unit: number},
			{title: "End", expr: of("streamgauge_partition_end_offset"), unit: number},
			{title: "Lag", expr: of("streamgauge_group_partition_lag"), unit: messages, empty: "no group"},
			{title: "Age", expr: of("streamgauge_group_partition_lag_seconds"), unit: seconds},
		},
	}.build()
}

func members() dashboard.Panel {
	each := by("max", byGroup+", state", with("streamgauge_group_members_state", topics))
	return withStates(stacked(panel{
		title: "Groups by the state of their members", width: 24, unit: count,
		about:   "As Kafka tells. A group that keeps rebalancing never works; `empty` has no members.",
		queries: lines(by("count", "state", each), "{{state}}"),
	}), memberStates)
}
