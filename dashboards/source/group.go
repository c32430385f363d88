package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

const (
	oneStream = `system="$system",target="$target",stream="$stream"`
	oneGroup  = oneStream + `,group="$group"`

	noPending         = "none, or the system has no pending messages"
	nothingPending    = "nothing is pending"
	withoutPartitions = "the system has no partitions"
)

// group answers why, and how bad in time, for one group.
func group() board {
	return board{
		uid: "streamgauge-group", title: "Streamgauge / Group",
		about:       "One consumer group on one stream: how far behind, why, and how long it lasts.",
		variables:   groupVariables(),
		annotations: []dashboard.AnnotationQuery{alertsOfGroup()},
		sections: []section{
			{panels: append(groupFigures(), groupStates())},
			{title: "Flow", panels: flowPanels()},
			{title: "Time and room", panels: roomPanels()},
			{title: "Pending messages and who holds them (Redis)", panels: holderPanels()},
			{title: "Partitions and members (Kafka)", collapsed: true, panels: groupPartitionPanels()},
		},
	}
}

func groupFigures() []dashboard.Panel {
	ofObjective := highest("streamgauge_group_lag_seconds", oneGroup) + " / " +
		lowest("streamgauge_group_objective_seconds", oneGroup)
	return []dashboard.Panel{
		figure(panel{
			title: "State", width: 4, unit: count, empty: "no such group",
			about:    "The agent's verdict. Its page and /api/v1/groups give the reason in words.",
			mappings: named(verdicts),
			queries:  only(highest("group:streamgauge_group_rank:max", oneGroup)),
		}),
		figure(panel{
			title: "Oldest unread message", width: 4, unit: seconds,
			about:   "Age of the oldest message not yet delivered; 0 when there is none.",
			queries: only(highest("streamgauge_group_lag_seconds", oneGroup)),
		}),
		figure(panel{
			title: "Of the objective", width: 4, unit: share, empty: "no objective",
			about: "The age as a share of the objective that the agent's configuration has for this " +
				"group. Above 100 % it is missed.",
			steps: warnThenBad(0.5, 1), queries: only(ofObjective),
		}),
		figure(panel{
			title: "Drained in", width: 4, unit: seconds,
			about:    "When the backlog is gone at present rates; `not shrinking` is never at these.",
			mappings: infinite("not shrinking"),
			queries:  only(highest("streamgauge_group_drain_seconds", oneGroup)),
		}),
		figure(panel{
			title: "Headroom", width: 4, unit: seconds,
			about: "When trimming or retention reaches unread messages at present rates. A stream that " +
				"is trimmed all the time has little and keeps it: only a shrinking one is dangerous.",
			mappings: infinite("unlimited"),
			queries:  only(lowest("streamgauge_group_headroom_seconds", oneGroup)),
		}),
		figure(panel{
			title: "Lost within 1 h", width: 4, unit: messages,
			about: "Messages removed before the group had read them: a lower bound.",
			steps: above(1, "red"), queries: only(highest("group:streamgauge_group_lost:increase1h", oneGroup)),
		}),
	}
}

func groupStates() dashboard.Panel {
	return timeline(panel{
		title: "State, and how the lag is known", width: 24, height: 5, unit: count, empty: "no such group",
		about: "The verdict over time. Below it the source of the lag: `exact`, `calibrated` and " +
			"`counted` are right; `unknown` means that there is no figure rather than a wrong one.",
		queries: []query{
			{
				expr:   highest("group:streamgauge_group_rank:max", oneGroup),
				legend: "state", mappings: named(verdicts),
			},
			{
				expr:   numbered("streamgauge_group_lag_source", oneGroup, "source", lagSources),
				legend: "lag source", mappings: named(lagSources),
			},
		},
	})
}

func flowPanels() []dashboard.Panel {
	flow := func(metric, matchers string) string { return "max(" + rate(metric, matchers) + ")" }
	consumers := by("max", "state", with("streamgauge_group_consumers", oneGroup))
	return []dashboard.Panel{
		graph(panel{
			title: "Appended, delivered, acknowledged, removed", width: 12, unit: messagesPerSecond,
			about: "What comes into the stream, what the group got, what it finished, and what trimming " +
				"or retention took away. In Kafka delivered and acknowledged are both the commits.",
			queries: []query{
				{expr: flow("streamgauge_stream_appended_total", oneStream), legend: "appended"},
				{expr: flow("streamgauge_group_delivered_total", oneGroup), legend: "delivered"},
				{expr: flow("streamgauge_group_acknowledged_total", oneGroup), legend: "acknowledged"},
				{expr: flow("streamgauge_stream_removed_total", oneStream), legend: "removed"},
			},
		}),
		graph(panel{
			title: "Age against the objective", width: 12, unit: seconds,
			about: "Age of the oldest message not yet delivered, of the oldest that is pending, and the " +
				"objective where there is one (dashed).",
			queries: []query{
				{expr: highest("streamgauge_group_lag_seconds", oneGroup), legend: "oldest unread"},
				{expr: highest("streamgauge_group_oldest_pending_seconds", oneGroup), legend: "oldest pending"},
				{
					expr:   lowest("streamgauge_group_objective_seconds", oneGroup),
					legend: "objective", limit: true,
				},
			},
		}),
		graph(panel{
			title: "Lag and pending", width: 12, unit: messages,
			about: "Not yet delivered, and delivered but not acknowledged. Kafka has no pending messages.",
			queries: []query{
				{expr: highest("streamgauge_group_lag", oneGroup), legend: "lag"},
				{expr: highest("streamgauge_group_pending", oneGroup), legend: "pending"},
			},
		}),
		stacked(panel{
			title: "Consumers", width: 12, unit: count,
			about: "Consumers by what they do (Kafka: active members). `dead_with_pending` no longer asks and " +
				"still holds messages; `never_read` never got one.",
			queries: lines(consumers, "{{state}}"),
		}),
	}
}

func roomPanels() []dashboard.Panel {
	return []dashboard.Panel{
		graph(panel{
			title: "Drain time and headroom", width: 8, unit: seconds, empty: "infinite or unknown",
			about: "When the backlog is done, and when removal reaches unread messages: the first must " +
				"stay below the second. Nothing is drawn while a figure is infinite or unknown.",
			queries: []query{
				{expr: finite(highest("streamgauge_group_drain_seconds", oneGroup)), legend: "drained in"},
				{expr: finite(lowest("streamgauge_group_headroom_seconds", oneGroup)), legend: "headroom"},
			},
		}),
		graph(panel{
			title: "Length of the stream and headroom", width: 8, unit: messages,
			about: "What the stream holds, and how much of it can still be removed before unread " +
				"messages are.",
			queries: []query{
				{expr: highest("streamgauge_stream_length", oneStream), legend: "length"},
				{expr: lowest("streamgauge_group_headroom_messages", oneGroup), legend: "headroom"},
			},
		}),
		graph(panel{
			title: "Lost before delivery", width: 8, unit: messages,
			about: "Messages removed before the group had read them, since the agent started: a lower " +
				"bound. A step tells when.",
			steps: above(1, "red"), queries: lines(highest("streamgauge_group_lost_total", oneGroup), "lost"),
		}),
	}
}

// byConsumer is a figure of the consumers that hold most, now or at the end of the shown time.
func byConsumer(metric, limit, at string) string {
	held := by("max", "consumer", with("streamgauge_consumer_pending", oneGroup)+at)
	return among(by("max", "consumer", with(metric, oneGroup)), "consumer", top(limit, held))
}

func holderPanels() []dashboard.Panel {
	return []dashboard.Panel{
		holders(),
		graph(panel{
			title: "Pending by consumer, 10 that hold most", width: 12, unit: messages, empty: noPending,
			about:   "A holder that changes with every restart points to a message that kills its consumer.",
			queries: lines(byConsumer("streamgauge_consumer_pending", "10", " @ end()"), "{{consumer}}"),
		}),
		graph(panel{
			title: "Oldest pending message: not touched for", width: 8, unit: seconds, empty: nothingPending,
			about: "Time since the oldest pending message was last delivered. The dashed line is the " +
				"threshold pending_stuck_seconds of the alert.",
			queries: []query{
				{expr: highest("streamgauge_group_oldest_pending_idle_seconds", oneGroup), legend: "idle"},
				{expr: threshold("pending_stuck_seconds"), legend: "alert", limit: true},
			},
		}),
		graph(panel{
			title: "Deliveries of one message", width: 8, unit: count, empty: nothingPending,
			about: "How often the most delivered of the pending messages examined was delivered. The " +
				"dashed line is the threshold poison_deliveries of the alert.",
			queries: []query{
				{expr: highest("streamgauge_group_max_deliveries", oneGroup), legend: "deliveries"},
				{expr: threshold("poison_deliveries"), legend: "alert", limit: true},
			},
		}),
		graph(panel{
			title: "Pending whose message is gone", width: 8, unit: messages, empty: noPending,
			about: "Pending entries whose message was trimmed: nobody can process them again.",
			steps: above(1, "red"), queries: lines(highest("streamgauge_group_pending_trimmed", oneGroup), "gone"),
		}),
	}
}

func holders() dashboard.Panel {
	of := func(metric string) string { return byConsumer(metric, "50", "") }
	return listing{
		panel: panel{
			title: "Who holds pending", width: 12, height: 8, unit: messages, empty: noPending,
			about: "Consumers with what they hold, most first. Idle is the time since the last attempt " +
				"to read (Redis before 7.2: since the last success), inactive since it last got something " +
				"(Redis 7.2 and later).",
		},
		sortBy: "Pending",
		columns: []column{
			{title: "Consumer", label: "consumer"},
			{title: "Pending", expr: of("streamgauge_consumer_pending"), unit: messages},
			{title: "Idle", expr: of("streamgauge_consumer_idle_seconds"), unit: seconds},
			{title: "Inactive", expr: of("streamgauge_consumer_inactive_seconds"), unit: seconds},
		},
	}.build()
}

func groupPartitionPanels() []dashboard.Panel {
	lag := by("max", "partition", with("streamgauge_group_partition_lag", oneGroup))
	worst := top("10", by("max", "partition", with("streamgauge_group_partition_lag", oneGroup)+" @ end()"))
	age := by("max", "partition", with("streamgauge_group_partition_lag_seconds", oneGroup))
	starts := by("max", "partition", with("streamgauge_partition_start_offset", oneStream))
	ends := by("max", "partition", with("streamgauge_partition_end_offset", oneStream))
	committed := by("max", "partition", with("streamgauge_group_partition_committed_offset", oneGroup))
	return []dashboard.Panel{
		graph(panel{
			title: "Lag by partition, 10 worst", width: 12, unit: messages, empty: withoutPartitions,
			about: "One partition far above the others is hot: more consumers will not help, another " +
				"key will.",
			queries: lines(among(lag, "partition", worst), "{{partition}}"),
		}),
		graph(panel{
			title: "Age by partition, 10 with most lag", width: 12, unit: seconds, empty: withoutPartitions,
			about:   "Age of each partition's oldest message not yet delivered.",
			queries: lines(among(age, "partition", worst), "{{partition}}"),
		}),
		graph(panel{
			title: "Position", width: 12, unit: messages, empty: withoutPartitions,
			about: "Sums over the partitions: where the topic begins, where it ends, and what the group " +
				"has committed. A committed line that jumps back was rewound.",
			queries: []query{
				{expr: "sum(" + starts + ")", legend: "start"},
				{expr: "sum(" + committed + ")", legend: "committed"},
				{expr: "sum(" + ends + ")", legend: "end"},
			},
		}),
		timeline(panel{
			title: "Members", width: 12, height: 8, unit: count, empty: "the system does not tell",
			about: "The state that Kafka gives the group's members. `preparing_rebalance` again and " +
				"again is a rebalance that never ends.",
			mappings: named(memberStates),
			queries: lines(
				numbered("streamgauge_group_members_state", oneGroup, "state", memberStates), "members"),
		}),
		figure(panel{
			title: "Partitions read in the last poll", width: 12, unit: share, empty: withoutPartitions,
			about:   "Below 100 % some partitions could not be read: the sums of the group are absent then.",
			steps:   []dashboard.Threshold{{Color: "orange"}, {Value: ptr(1.0), Color: "green"}},
			queries: only(lowest("streamgauge_group_completeness", oneGroup)),
		}),
		figure(panel{
			title: "Partitions never committed", width: 12, unit: count, empty: withoutPartitions,
			about:   "Partitions of the topic without a committed offset of the group: it has no lag there.",
			queries: only("count(" + ends + ") - (" + orNone("count("+committed+")", ends) + ")"),
		}),
	}
}

// alertsOfGroup marks in all graphs from when to when an alert on the group fired.
func alertsOfGroup() dashboard.AnnotationQuery {
	alerts := with("ALERTS", `alertname=~"Streamgauge.+",alertstate="firing",`+oneGroup)
	return dashboard.AnnotationQuery{
		Name: "Alerts", Datasource: source(), Enable: true, IconColor: "red", Expr: ptr(alerts),
		TitleFormat: ptr("{{alertname}}"), TextFormat: ptr("{{severity}}"), Step: ptr("60s"),
	}
}
