package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

const (
	agents      = `instance=~"$instance"`
	readTargets = agents + `,system=~"$system",target=~"$target"`
	silent      = "no agent reports"
)

// agent answers whether the figures can be relied on, and what they cost.
func agent() board {
	return board{
		uid: "streamgauge-agent", title: "Streamgauge / Agent",
		about: "Whether agents and targets are well, what the agent asks of the servers, and what it " +
			"needs itself.",
		variables: agentVariables(),
		sections: []section{
			{panels: agentFigures()},
			{panels: []dashboard.Panel{agentTable(), targetTable()}},
			{title: "Polls", panels: pollPanels()},
			{title: "Cost to the servers", panels: costPanels()},
			{title: "The agent itself", panels: processPanels()},
		},
	}
}

// ofAgents keeps what is of an agent that reported within a day: process_*, scrape_* and up are
// there for every job that Prometheus scrapes.
func ofAgents(expr string) string {
	known := "last_over_time(" + with("streamgauge_build_info", agents) + "[1d])"
	return "(" + among(by("max", byAgent, expr), byAgent, known) + ")"
}

func perAgent(metric string) string { return ofAgents(with(metric, agents)) }

func perTarget(metric string) string { return by("sum", byTarget, rate(metric, readTargets)) }

func agentFigures() []dashboard.Panel {
	up := perAgent("up")
	skipped := with("streamgauge_items_skipped", `reason!~"filtered|deferred|uncommitted",`+readTargets)
	return []dashboard.Panel{
		figure(panel{
			title: "Agents down", width: 4, unit: count, empty: "no agent was ever scraped",
			about: "Agents that Prometheus cannot scrape and that reported within a day.",
			steps: above(1, "red"), queries: only(orNone("count("+up+" == 0)", up)),
		}),
		figure(panel{
			title: "Configuration", width: 4, unit: count, empty: silent,
			about: "`failed`: an agent refused its new configuration and goes on with the old one; its log " +
				"says why.",
			mappings: named(failedOk),
			queries:  only(lowest("streamgauge_config_last_reload_successful", agents)),
		}),
		figure(panel{
			title: "Poll errors", width: 4, unit: perSecond, empty: "no targets",
			about:   "Polls that failed per second, mean of five minutes, of the chosen targets.",
			steps:   above(0.0001, "orange"),
			queries: only("sum(" + rate5m("streamgauge_poll_errors_total", readTargets) + ")"),
		}),
		figure(panel{
			title: "Left out", width: 4, unit: count, empty: "no targets",
			about: "Items that a limit or an error left out of the last polls. What filters leave out is " +
				"meant to be so and not counted here.",
			steps:   above(1, "orange"),
			queries: only(orNone("sum("+skipped+")", with("streamgauge_target_up", readTargets))),
		}),
		figure(panel{
			title: "Processor", width: 4, unit: share, empty: silent,
			about:   "Of one core, the busiest agent.",
			queries: only("max(" + ofAgents(rate5m("process_cpu_seconds_total", agents)) + ")"),
		}),
		figure(panel{
			title: "Memory", width: 4, unit: memory, empty: silent,
			about:   "In RAM, the largest agent.",
			queries: only("max(" + perAgent("process_resident_memory_bytes") + ")"),
		}),
	}
}

func agentTable() dashboard.Panel {
	const silent = "does not report"
	of := func(expr string) string { return by("max", byAgent, expr) }
	since := func(metric string) string { return of("time() - " + perAgent(metric)) }
	files := perAgent("process_open_fds") + " / on (" + byAgent + ") " + perAgent("process_max_fds")
	build := by("max", byAgent+", version, revision", with("streamgauge_build_info", agents))
	return listing{
		panel: panel{
			title: "Agents", width: 24, height: 6, unit: count, empty: "no agent was ever scraped",
			about: "Every agent that reported within a day.",
		},
		sortBy: "Agent", upwards: true,
		columns: []column{
			labelColumn("cluster", nil),
			labelColumn("job", nil),
			labelColumn("instance", nil),
			{title: "State", expr: of(perAgent("up")), mappings: named(downUp), width: 80},
			{title: "Up for", expr: since("process_start_time_seconds"), unit: seconds, empty: silent},
			{title: "Configuration", expr: of(perAgent("streamgauge_config_last_reload_successful")),
				empty: silent, mappings: named(failedOk)},
			{title: "Loaded before", expr: since("streamgauge_config_last_reload_success_timestamp_seconds"),
				unit: seconds, empty: silent},
			{title: "Series", expr: of(perAgent("scrape_samples_scraped")), unit: count, empty: silent},
			{title: "Files of limit", expr: of(files), unit: share, empty: silent, steps: warnThenBad(0.7, 0.9)},
			{title: "Build", expr: build, hidden: true},
			labelColumn("version", nil),
			labelColumn("revision", nil),
		},
	}.build()
}

// targetTable lists targets with what is needed to judge their figures.
func targetTable() dashboard.Panel {
	of := func(metric string) string { return by("max", byTarget, with(metric, readTargets)) }
	perSecondOf := func(metric string) string { return by("sum", byTarget, rate5m(metric, readTargets)) }
	mean := perSecondOf("streamgauge_poll_duration_seconds_sum") + " / " +
		perSecondOf("streamgauge_poll_duration_seconds_count")
	info := by("max", byTarget+", version, mode", with("streamgauge_target_info", readTargets))
	return listing{
		panel: panel{
			title: "Targets", width: 24, height: 7, unit: count, empty: "no targets",
			about: "What the agents read. Age is the time since the last successful poll, as of now.",
		},
		sortBy: "Age",
		columns: []column{
			labelColumn("cluster", nil),
			labelColumn("system", nil),
			labelColumn("target", linkTo("Groups of this target", "streamgauge-overview", "system", "target")),
			{title: "State", expr: of("streamgauge_target_up"), mappings: named(downUp), width: 80},
			{title: "Servers", expr: of("streamgauge_target_nodes"), unit: count},
			{title: "Age", expr: by("max", byTarget, figuresAge(readTargets)), unit: seconds, empty: "never read"},
			{title: "Interval", expr: of("streamgauge_poll_interval_seconds"), unit: seconds},
			{title: "Poll takes", expr: by("max", byTarget, mean), unit: seconds, empty: "no polls"},
			{title: "Errors", expr: perSecondOf("streamgauge_poll_errors_total"), unit: perSecond,
				empty: "no polls", steps: above(0.0001, "orange")},
			{title: "Build", expr: info, hidden: true},
			labelColumn("version", nil),
			labelColumn("mode", nil),
		},
	}.build()
}

func pollPanels() []dashboard.Panel {
	byReason := func(metric string) string {
		return by("sum", byTarget+", reason", rate(metric, readTargets)) + " > 0"
	}
	mean := perTarget("streamgauge_poll_duration_seconds_sum") + " / " +
		perTarget("streamgauge_poll_duration_seconds_count")
	buckets := by("sum", byTarget+", le", rate("streamgauge_poll_duration_seconds_bucket", readTargets))
	ofInterval := with("target:streamgauge_poll_duration_share:max", `system=~"$system",target=~"$target"`)
	skipped := by("max", byTarget+", kind, reason", with("streamgauge_items_skipped", readTargets))
	return []dashboard.Panel{
		graph(panel{
			title: "Duration of polls", width: 12, unit: seconds, empty: "no polls",
			about: "Mean, and what 95 % stay below (interpolated within the histogram's buckets).",
			queries: []query{
				{expr: mean, legend: targetLegend + " mean"},
				{expr: "histogram_quantile(0.95, " + buckets + ")", legend: targetLegend + " 95 %"},
			},
		}),
		graph(panel{
			title: "Polls, as a share of their interval", width: 12, unit: share, empty: "no polls",
			about: "Mean duration as a share of the interval, of the slowest agent. An alert follows above " +
				"the dashed threshold poll_duration_share.",
			steps: above(1, "red"),
			queries: []query{
				{expr: ofInterval, legend: targetLegend},
				{expr: threshold("poll_duration_share"), legend: "alert", limit: true},
			},
		}),
		graph(panel{
			title: "Errors by reason", width: 12, unit: perSecond, empty: "no polls",
			about: "Polls that failed (a line at 0 as long as none does, then by reason), and errors that " +
				"concerned single streams, groups or partitions while the poll went on. The agent's log " +
				"says what to do.",
			steps: above(0.0001, "orange"),
			queries: []query{
				{expr: perTarget("streamgauge_poll_errors_total"), legend: targetLegend + " polls failed"},
				{expr: byReason("streamgauge_poll_errors_total"), legend: targetLegend + " poll: {{reason}}"},
				{expr: byReason("streamgauge_item_errors_total"), legend: targetLegend + " item: {{reason}}"},
			},
		}),
		graph(panel{
			title: "Skipped, by kind and reason", width: 12, unit: count, empty: "nothing was skipped",
			about: "Items that the last poll left out. `limit` and errors need a look; `filtered`, " +
				"`deferred` and `uncommitted` are meant to be so.",
			queries: lines(skipped, targetLegend+" {{kind}} {{reason}}"),
		}),
	}
}

func costPanels() []dashboard.Panel {
	perPoll := func(metric string) string {
		return perTarget(metric) + " / " + perTarget("streamgauge_polls_total")
	}
	const requests = "streamgauge_requests_total"
	byKind := by("sum", "system, request", rate(requests, readTargets))
	frequent := by("sum", "system, request", "rate("+with(requests, readTargets)+"[5m] @ end())")
	verified := by("sum", "result", rate("streamgauge_lag_verifications_total", readTargets))
	return []dashboard.Panel{
		graph(panel{
			title: "Requests per poll", width: 12, unit: count, empty: "no polls",
			about: "What one poll asks of the servers, and how often it waits for an answer (requests that " +
				"are sent together share one).",
			queries: []query{
				{expr: perPoll(requests), legend: targetLegend + " requests"},
				{expr: perPoll("streamgauge_round_trips_total"), legend: targetLegend + " round trips"},
			},
		}),
		graph(panel{
			title: "Requests by kind, 15 most frequent", width: 12, unit: perSecond, empty: "no polls",
			about:   "What the agent asks, per second.",
			queries: lines(among(byKind, "system, request", top("15", frequent)), "{{system}} {{request}}"),
		}),
		graph(panel{
			title: "Received from the servers", width: 12, unit: transfer, empty: "no polls",
			about: "It rises with the number of streams and with the size of their messages: Redis sends " +
				"the first and the last of a stream along.",
			queries: lines(perTarget("streamgauge_received_bytes_total"), targetLegend),
		}),
		graph(panel{
			title: "Checks of figures", width: 12, unit: perSecond, empty: "nothing was checked",
			about: "Calibrated lags that were counted again (agreed, differed), and timestamps of messages " +
				"that lay outside of the past and were clamped.",
			queries: []query{
				{expr: verified, legend: "lag {{result}}"},
				{expr: perTarget("streamgauge_clock_clamps_total"), legend: targetLegend + " clamped"},
			},
		}),
	}
}

func processPanels() []dashboard.Panel {
	page := by("sum", byAgent, rate("streamgauge_scrape_duration_seconds_sum", agents)) + " / " +
		by("sum", byAgent, rate("streamgauge_scrape_duration_seconds_count", agents))
	return []dashboard.Panel{
		graph(panel{
			title: "Processor time", width: 8, unit: share, empty: silent,
			about:   "Of one core.",
			queries: lines(ofAgents(rate("process_cpu_seconds_total", agents)), "{{instance}}"),
		}),
		graph(panel{
			title: "Memory in RAM", width: 8, unit: memory, empty: silent,
			about:   "A line that starts low again is a restart.",
			queries: lines(perAgent("process_resident_memory_bytes"), "{{instance}}"),
		}),
		graph(panel{
			title: "Open files and threads", width: 8, unit: count, empty: silent,
			about: "Both are steady while the targets stay the same.",
			queries: []query{
				{expr: perAgent("process_open_fds"), legend: "{{instance}} files"},
				{expr: perAgent("process_threads"), legend: "{{instance}} threads"},
			},
		}),
		graph(panel{
			title: "Duration of scrapes", width: 12, unit: seconds, empty: silent,
			about: "As Prometheus sees it, and what the agent needed to make the page. Prometheus gives up " +
				"after scrape_timeout.",
			queries: []query{
				{expr: perAgent("scrape_duration_seconds"), legend: "{{instance}} scrape"},
				{expr: page, legend: "{{instance}} page"},
			},
		}),
		graph(panel{
			title: "Series per scrape", width: 12, unit: count, empty: silent,
			about:   "How many series the agent serves: what it costs Prometheus.",
			queries: lines(perAgent("scrape_samples_scraped"), "{{instance}}"),
		}),
	}
}
