package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// group answers why, and how bad in time, for one group.
func group() board {
	const (
		stream = `system="$system",target="$target",stream="$stream"`
		one    = stream + `,group="$group"`
	)
	latest := func(metric string) string { return "max(" + with(metric, one) + ")" }
	return board{
		uid: "streamgauge-group", title: "Streamgauge / Group",
		about:       "One consumer group on one stream: how far behind, why, and how long it lasts.",
		variables:   groupVariables(),
		annotations: []dashboard.AnnotationQuery{firing(one)},
		sections: []section{
			{panels: []dashboard.Panel{
				figure(panel{
					title: "State", width: 4, height: 4, unit: count, empty: "no such group", steps: neutral(),
					about:    "The agent's verdict. Its page and /api/v1/groups give the reason in words.",
					mappings: named(verdicts),
					queries:  []query{{expr: latest("group:streamgauge_group_rank:max")}},
				}),
				figure(panel{
					title: "Oldest unread message", width: 4, height: 4, unit: seconds, empty: "unknown", steps: neutral(),
					about:   "Age of the oldest message not yet delivered; 0 when there is none.",
					queries: []query{{expr: latest("streamgauge_group_lag_seconds")}},
				}),
				figure(panel{
					title: "Of the objective", width: 4, height: 4, unit: share, empty: "no objective",
					about: "The age as a share of the objective that the agent's configuration has for this group. " +
						"Above 100 % it is missed.",
					steps: warnThenBad(0.5, 1),
					queries: []query{{expr: latest("streamgauge_group_lag_seconds") + " / " +
						"min(" + with("streamgauge_group_objective_seconds", one) + ")"}},
				}),
				figure(panel{
					title: "Drained in", width: 4, height: 4, unit: seconds, empty: "unknown", steps: neutral(),
					about:    "When the backlog is gone at present rates; `not shrinking` means never at these.",
					mappings: infinite("not shrinking"),
					queries:  []query{{expr: latest("streamgauge_group_drain_seconds")}},
				}),
				figure(panel{
					title: "Headroom", width: 4, height: 4, unit: seconds, empty: "unknown", steps: neutral(),
					about: "When trimming or retention reaches unread messages at present rates. A stream that is " +
						"trimmed all the time has little and keeps it: only a shrinking one is dangerous.",
					mappings: infinite("unlimited"),
					queries:  []query{{expr: "min(" + with("streamgauge_group_headroom_seconds", one) + ")"}},
				}),
				figure(panel{
					title: "Lost within 1 h", width: 4, height: 4, unit: messages, empty: "unknown",
					about:   "Messages removed before the group had read them: a lower bound.",
					steps:   above(1, "red"),
					queries: []query{{expr: latest("group:streamgauge_group_lost:increase1h")}},
				}),
				timeline(panel{
					title: "State, and how the lag is known", width: 24, height: 5, unit: count, empty: "no such group", steps: neutral(),
					about: "The verdict over time. Below it the source of the lag: `exact`, `calibrated` and `counted` " +
						"are right; `unknown` means that there is no figure rather than a wrong one.",
					queries: []query{
						{expr: latest("group:streamgauge_group_rank:max"), legend: "state", mappings: named(verdicts)},
						{expr: numbered("streamgauge_group_lag_source", one, "source", lagSources), legend: "lag source",
							mappings: named(lagSources)},
					},
				}),
			}},
			{title: "Flow", panels: []dashboard.Panel{
				graph(panel{
					title: "Appended, delivered, acknowledged, removed", width: 12, unit: messagesPerSecond, empty: "unknown", steps: neutral(),
					about: "What comes into the stream, what the group got, what it finished, and what trimming or " +
						"retention took away. In Kafka delivered and acknowledged are both the commits.",
					queries: []query{
						{expr: "max(" + rate("streamgauge_stream_appended_total", stream) + ")", legend: "appended"},
						{expr: "max(" + rate("streamgauge_group_delivered_total", one) + ")", legend: "delivered"},
						{expr: "max(" + rate("streamgauge_group_acknowledged_total", one) + ")", legend: "acknowledged"},
						{expr: "max(" + rate("streamgauge_stream_removed_total", stream) + ")", legend: "removed"},
					},
				}),
				graph(panel{
					title: "Age against the objective", width: 12, unit: seconds, empty: "unknown", steps: neutral(),
					about: "Age of the oldest message not yet delivered, of the oldest that is pending, and the " +
						"objective where there is one (dashed).",
					queries: []query{
						{expr: latest("streamgauge_group_lag_seconds"), legend: "oldest unread"},
						{expr: latest("streamgauge_group_oldest_pending_seconds"), legend: "oldest pending"},
						{expr: "min(" + with("streamgauge_group_objective_seconds", one) + ")", legend: "objective", limit: true},
					},
				}),
				graph(panel{
					title: "Lag and pending", width: 8, unit: messages, empty: "unknown", steps: neutral(),
					about: "Not yet delivered, and delivered but not acknowledged. Kafka has no pending messages.",
					queries: []query{
						{expr: latest("streamgauge_group_lag"), legend: "lag"},
						{expr: latest("streamgauge_group_pending"), legend: "pending"},
					},
				}),
				graph(panel{
					title: "Length of the stream and headroom", width: 8, unit: messages, empty: "unknown", steps: neutral(),
					about: "What the stream holds, and how much of it can still be removed before unread messages are.",
					queries: []query{
						{expr: "max(" + with("streamgauge_stream_length", stream) + ")", legend: "length"},
						{expr: "min(" + with("streamgauge_group_headroom_messages", one) + ")", legend: "headroom"},
					},
				}),
				graph(panel{
					title: "Drain time and headroom", width: 8, unit: seconds, empty: "infinite or unknown", steps: neutral(),
					about: "When the backlog is done, and when removal reaches unread messages: the first must stay " +
						"below the second. Nothing is drawn while a figure is infinite or unknown.",
					queries: []query{
						{expr: finite(latest("streamgauge_group_drain_seconds")), legend: "drained in"},
						{expr: finite("min(" + with("streamgauge_group_headroom_seconds", one) + ")"), legend: "headroom"},
					},
				}),
				stacked(panel{
					title: "Consumers", width: 12, unit: count, empty: "unknown", steps: neutral(),
					about: "Consumers (Kafka: members) by what they do. `dead_with_pending` no longer asks and still " +
						"holds messages; `never_read` never got one.",
					queries: []query{{expr: "max by (state) (" + with("streamgauge_group_consumers", one) + ")", legend: "{{state}}"}},
				}),
				graph(panel{
					title: "Lost before delivery", width: 12, unit: messages, empty: "unknown",
					about: "Messages removed before the group had read them, since the agent started: a lower bound. " +
						"A step tells when.",
					steps:   above(1, "red"),
					queries: []query{{expr: latest("streamgauge_group_lost_total"), legend: "lost"}},
				}),
			}},
			{title: "Pending messages and who holds them (Redis)", panels: []dashboard.Panel{
				pendingHolders(one),
				graph(panel{
					title: "Pending by consumer, 10 that hold most", width: 12, unit: messages, steps: neutral(),
					empty: "none, or the system has no pending messages",
					about: "A holder that changes with every restart points to a message that kills its consumer.",
					queries: []query{{expr: holdersOf(by("max", "consumer", with("streamgauge_consumer_pending", one)), one),
						legend: "{{consumer}}"}},
				}),
				graph(panel{
					title: "Oldest pending message: not touched for", width: 8, unit: seconds, steps: neutral(),
					empty: "nothing is pending",
					about: "Time since the oldest pending message was last delivered. The dashed line is the " +
						"threshold pending_stuck_seconds of the alert.",
					queries: []query{
						{expr: latest("streamgauge_group_oldest_pending_idle_seconds"), legend: "idle"},
						{expr: threshold("pending_stuck_seconds"), legend: "alert", limit: true},
					},
				}),
				graph(panel{
					title: "Deliveries of one message", width: 8, unit: count, steps: neutral(), empty: "nothing is pending",
					about: "How often the most delivered of the pending messages examined was delivered. The dashed " +
						"line is the threshold poison_deliveries of the alert.",
					queries: []query{
						{expr: latest("streamgauge_group_max_deliveries"), legend: "deliveries"},
						{expr: threshold("poison_deliveries"), legend: "alert", limit: true},
					},
				}),
				graph(panel{
					title: "Pending whose message is gone", width: 8, unit: messages,
					empty: "none, or the system has no pending messages", steps: above(1, "red"),
					about:   "Pending entries whose message was trimmed: nobody can process them again.",
					queries: []query{{expr: latest("streamgauge_group_pending_trimmed"), legend: "gone"}},
				}),
			}},
			{title: "Partitions and members (Kafka)", collapsed: true, panels: partitionsOfGroup(stream, one)},
		},
	}
}

// holdersOf keeps the consumers that hold most at the end.
func holdersOf(expr, matchers string) string {
	return among(expr, "consumer", "topk(10, "+by("max", "consumer", with("streamgauge_consumer_pending", matchers)+" @ end()")+")")
}

func pendingHolders(matchers string) dashboard.Panel {
	holders := func(metric string) string {
		return among(by("max", "consumer", with(metric, matchers)), "consumer",
			"topk(50, "+by("max", "consumer", with("streamgauge_consumer_pending", matchers))+")")
	}
	return listing{
		panel: panel{
			title: "Who holds pending", width: 12, height: 8, unit: messages, steps: neutral(),
			empty: "none, or the system has no pending messages",
			about: "Consumers with what they hold, most first. Idle is the time since the last attempt to read " +
				"(Redis before 7.2: since the last success), inactive since it last got something (Redis 7.2 and later).",
		},
		sortBy: "Pending",
		columns: []column{
			{title: "Consumer", label: "consumer"},
			{title: "Pending", expr: holders("streamgauge_consumer_pending"), unit: messages, empty: "unknown"},
			{title: "Idle", expr: holders("streamgauge_consumer_idle_seconds"), unit: seconds, empty: "unknown"},
			{title: "Inactive", expr: holders("streamgauge_consumer_inactive_seconds"), unit: seconds, empty: "unknown"},
		},
	}.build()
}

func partitionsOfGroup(stream, one string) []dashboard.Panel {
	const empty = "the system has no partitions"
	perPartition := func(metric string) string {
		worst := by("max", "partition", with("streamgauge_group_partition_lag", one)+" @ end()")
		return among(by("max", "partition", with(metric, one)), "partition", "topk(10, "+worst+")")
	}
	ends := by("max", "partition", with("streamgauge_partition_end_offset", stream))
	committed := by("max", "partition", with("streamgauge_group_partition_committed_offset", one))
	return []dashboard.Panel{
		graph(panel{
			title: "Lag by partition, 10 worst", width: 12, unit: messages, empty: empty, steps: neutral(),
			about:   "One partition far above the others is hot: more consumers will not help, another key will.",
			queries: []query{{expr: perPartition("streamgauge_group_partition_lag"), legend: "{{partition}}"}},
		}),
		graph(panel{
			title: "Age by partition, 10 with most lag", width: 12, unit: seconds, empty: empty, steps: neutral(),
			about:   "Age of each partition's oldest message not yet delivered.",
			queries: []query{{expr: perPartition("streamgauge_group_partition_lag_seconds"), legend: "{{partition}}"}},
		}),
		graph(panel{
			title: "Position", width: 12, unit: messages, empty: empty, steps: neutral(),
			about: "Sums over the partitions: where the topic begins, where it ends, and what the group has " +
				"committed. A committed line that jumps back was rewound.",
			queries: []query{
				{expr: "sum(" + by("max", "partition", with("streamgauge_partition_start_offset", stream)) + ")", legend: "start"},
				{expr: "sum(" + committed + ")", legend: "committed"},
				{expr: "sum(" + ends + ")", legend: "end"},
			},
		}),
		timeline(panel{
			title: "Members", width: 12, height: 8, unit: count, empty: "the system does not tell", steps: neutral(),
			about: "The state that Kafka gives the group's members. `preparing_rebalance` again and again is a " +
				"rebalance that never ends.",
			mappings: named(memberStates),
			queries: []query{{expr: numbered("streamgauge_group_members_state", one, "state", memberStates),
				legend: "members"}},
		}),
		figure(panel{
			title: "Partitions read in the last poll", width: 12, height: 4, unit: share, empty: empty,
			about:   "Below 100 % some partitions could not be read: the sums of the group are absent then.",
			steps:   []dashboard.Threshold{{Color: "orange"}, {Value: ptr(1.0), Color: "green"}},
			queries: []query{{expr: "min(" + with("streamgauge_group_completeness", one) + ")"}},
		}),
		figure(panel{
			title: "Partitions never committed", width: 12, height: 4, unit: count, empty: empty, steps: neutral(),
			about: "Partitions of the topic for which the group has no committed offset: it has no lag there.",
			queries: []query{{expr: "count(" + ends + ") - (" + orNone("count("+committed+")",
				with("streamgauge_partition_end_offset", stream)) + ")"}},
		}),
	}
}

// firing marks in all graphs from when to when an alert on the group fired.
func firing(matchers string) dashboard.AnnotationQuery {
	return dashboard.AnnotationQuery{
		Name: "Alerts", Datasource: source(), Enable: true, IconColor: "red",
		Expr:        ptr(with("ALERTS", `alertname=~"Streamgauge.+",alertstate="firing",`+matchers)),
		TitleFormat: ptr("{{alertname}}"), TextFormat: ptr("{{severity}}"), Step: ptr("60s"),
	}
}
