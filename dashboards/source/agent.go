package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// agent answers whether the figures can be relied on, and what they cost.
func agent() board {
	const (
		agents  = `instance=~"$instance"`
		targets = agents + `,system=~"$system",target=~"$target"`
	)
	// process_* and up are there for every job that Prometheus scrapes: only those of agents count.
	ofAgents := func(expr string) string {
		return by("max", byAgent, expr) + " and on (" + byAgent + ") last_over_time(" + with("streamgauge_build_info", agents) + "[1d])"
	}
	plain := func(metric string) string { return ofAgents(with(metric, agents)) }
	perTarget := func(metric string) string { return "sum by (" + byTarget + ") (" + rate(metric, targets) + ")" }
	byReason := func(metric string) string {
		return "sum by (" + byTarget + ", reason) (" + rate(metric, targets) + ") > 0"
	}
	perPoll := func(metric string) string { return perTarget(metric) + " / " + perTarget("streamgauge_polls_total") }
	pollSeconds := "sum by (" + byTarget + ", le) (" + rate("streamgauge_poll_duration_seconds_bucket", targets) + ")"
	up := "up{" + agents + "} and on (" + byAgent + ") last_over_time(" + with("streamgauge_build_info", agents) + "[1d])"
	return board{
		uid: "streamgauge-agent", title: "Streamgauge / Agent",
		about:     "Whether agents and targets are well, what the agent asks of the servers, and what it needs itself.",
		variables: agentVariables(),
		sections: []section{
			{panels: []dashboard.Panel{
				figure(panel{title: "Agents down", width: 4, height: 4, unit: count, empty: "no agent was ever scraped", steps: above(1, "red"),
					about:   "Agents that Prometheus cannot scrape and that reported within a day.",
					queries: []query{{expr: orNone("count(("+up+") == 0)", up)}}}),
				figure(panel{title: "Configuration", width: 4, height: 4, unit: count, empty: "no agent reports", steps: neutral(),
					about:    "`failed`: an agent refused its new configuration and goes on with the old one; its log says why.",
					mappings: named(failedOk),
					queries:  []query{{expr: "min(" + with("streamgauge_config_last_reload_successful", agents) + ")"}}}),
				figure(panel{title: "Poll errors, 5 min", width: 4, height: 4, unit: perSecond, empty: "no targets", steps: above(0.0001, "orange"),
					about:   "Polls that failed per second, of the chosen targets.",
					queries: []query{{expr: "sum(rate(" + with("streamgauge_poll_errors_total", targets) + "[5m]))"}}}),
				figure(panel{title: "Left out", width: 4, height: 4, unit: count, empty: "no targets", steps: above(1, "orange"),
					about: "Items that a limit or an error left out of the last polls. What filters leave out is meant to be so and not counted here.",
					queries: []query{{expr: "sum(" + with("streamgauge_items_skipped", `reason!~"filtered|deferred|uncommitted",`+targets) +
						") or 0 * count(" + with("streamgauge_target_up", targets) + ")"}}}),
				figure(panel{title: "Processor", width: 4, height: 4, unit: share, empty: "no agent reports", steps: neutral(),
					about:   "Of one core, the busiest agent.",
					queries: []query{{expr: "max(" + ofAgents("rate("+with("process_cpu_seconds_total", agents)+"[5m])") + ")"}}}),
				figure(panel{title: "Memory", width: 4, height: 4, unit: memory, empty: "no agent reports", steps: neutral(),
					about:   "In RAM, the largest agent.",
					queries: []query{{expr: "max(" + plain("process_resident_memory_bytes") + ")"}}}),
				agentTable(plain, up),
				targetTable(targets),
			}},
			{title: "Polls, and their cost to the servers", panels: []dashboard.Panel{
				graph(panel{title: "Duration of polls", width: 12, unit: seconds, empty: "no polls", steps: neutral(),
					about: "Mean, and what 95 % stay below (interpolated within the histogram's buckets).",
					queries: []query{
						{expr: perTarget("streamgauge_poll_duration_seconds_sum") + " / " + perTarget("streamgauge_poll_duration_seconds_count"), legend: targetLegend + " mean"},
						{expr: "histogram_quantile(0.95, " + pollSeconds + ")", legend: targetLegend + " 95 %"}}}),
				graph(panel{title: "Polls, as a share of their interval", width: 12, unit: share, empty: "no polls", steps: above(1, "red"),
					about: "Mean duration as a share of the interval, of the slowest agent. Above the dashed threshold poll_duration_share an alert follows.",
					queries: []query{
						{expr: with("target:streamgauge_poll_duration_share:max", `system=~"$system",target=~"$target"`), legend: targetLegend},
						{expr: threshold("poll_duration_share"), legend: "alert", limit: true}}}),
				graph(panel{title: "Errors by reason", width: 12, unit: perSecond, empty: "no polls", steps: above(0.0001, "orange"),
					about: "Polls that failed (a line at 0 as long as none does, then by reason), and errors that concerned " +
						"single streams, groups or partitions while the poll went on. The agent's log says what to do.",
					queries: []query{
						{expr: perTarget("streamgauge_poll_errors_total"), legend: targetLegend + " polls failed"},
						{expr: byReason("streamgauge_poll_errors_total"), legend: targetLegend + " poll: {{reason}}"},
						{expr: byReason("streamgauge_item_errors_total"), legend: targetLegend + " item: {{reason}}"}}}),
				graph(panel{title: "Skipped, by kind and reason", width: 12, unit: count, empty: "nothing was skipped", steps: neutral(),
					about:   "Items that the last poll left out. `limit` and errors need a look; `filtered`, `deferred` and `uncommitted` are meant to be so.",
					queries: []query{{expr: by("max", byTarget+", kind, reason", with("streamgauge_items_skipped", targets)), legend: targetLegend + " {{kind}} {{reason}}"}}}),
				graph(panel{title: "Requests per poll", width: 12, unit: count, empty: "no polls", steps: neutral(),
					about: "What one poll asks of the servers, and how often it waits for an answer (requests that are sent together share one).",
					queries: []query{
						{expr: perPoll("streamgauge_requests_total"), legend: targetLegend + " requests"},
						{expr: perPoll("streamgauge_round_trips_total"), legend: targetLegend + " round trips"}}}),
				graph(panel{title: "Requests by kind, 15 most frequent", width: 12, unit: perSecond, empty: "no polls", steps: neutral(),
					about: "What the agent asks, per second.",
					queries: []query{{expr: among("sum by (system, request) ("+rate("streamgauge_requests_total", targets)+")", "system, request",
						"topk(15, sum by (system, request) (rate("+with("streamgauge_requests_total", targets)+"[5m] @ end())))"), legend: "{{system}} {{request}}"}}}),
				graph(panel{title: "Received from the servers", width: 12, unit: transfer, empty: "no polls", steps: neutral(),
					about:   "It rises with the number of streams and with the size of their messages: Redis sends the first and the last of a stream along.",
					queries: []query{{expr: perTarget("streamgauge_received_bytes_total"), legend: targetLegend}}}),
				graph(panel{title: "Checks of figures", width: 12, unit: perSecond, empty: "nothing was checked", steps: neutral(),
					about: "Calibrated lags that were counted again (agreed, differed), and timestamps of messages that lay outside of the past and were clamped.",
					queries: []query{
						{expr: "sum by (result) (" + rate("streamgauge_lag_verifications_total", targets) + ")", legend: "lag {{result}}"},
						{expr: "sum by (" + byTarget + ") (" + rate("streamgauge_clock_clamps_total", targets) + ")", legend: targetLegend + " clamped"}}}),
			}},
			{title: "The agent itself", panels: []dashboard.Panel{
				graph(panel{title: "Processor time", width: 8, unit: share, empty: "no agent reports", steps: neutral(),
					about:   "Of one core.",
					queries: []query{{expr: ofAgents(rate("process_cpu_seconds_total", agents)), legend: "{{instance}}"}}}),
				graph(panel{title: "Memory in RAM", width: 8, unit: memory, empty: "no agent reports", steps: neutral(),
					about:   "A line that starts low again is a restart.",
					queries: []query{{expr: plain("process_resident_memory_bytes"), legend: "{{instance}}"}}}),
				graph(panel{title: "Open files and threads", width: 8, unit: count, empty: "no agent reports", steps: neutral(),
					about: "Both are steady while the targets stay the same.",
					queries: []query{
						{expr: plain("process_open_fds"), legend: "{{instance}} files"},
						{expr: plain("process_threads"), legend: "{{instance}} threads"}}}),
				graph(panel{title: "Duration of scrapes", width: 12, unit: seconds, empty: "no agent reports", steps: neutral(),
					about: "As Prometheus sees it, and what the agent needed to make the page. Prometheus gives up after scrape_timeout.",
					queries: []query{
						{expr: plain("scrape_duration_seconds"), legend: "{{instance}} scrape"},
						{expr: "sum by (" + byAgent + ") (" + rate("streamgauge_scrape_duration_seconds_sum", agents) + ") / sum by (" + byAgent + ") (" + rate("streamgauge_scrape_duration_seconds_count", agents) + ")",
							legend: "{{instance}} page"}}}),
				graph(panel{title: "Series per scrape", width: 12, unit: count, empty: "no agent reports", steps: neutral(),
					about:   "How many series the agent serves: what it costs Prometheus.",
					queries: []query{{expr: plain("scrape_samples_scraped"), legend: "{{instance}}"}}}),
			}},
		},
	}
}

func agentTable(plain func(string) string, up string) dashboard.Panel {
	return listing{
		panel: panel{title: "Agents", width: 24, height: 6, unit: count, empty: "no agent was ever scraped", steps: neutral(),
			about: "Every agent that reported within a day. Up for and configuration loaded are times since."},
		sortBy: "Agent", upwards: true,
		columns: []column{
			labelColumn("cluster", nil),
			{title: "Job", label: "job"},
			labelColumn("instance", nil),
			{title: "State", expr: by("max", byAgent, up), empty: "unknown", mappings: named(downUp), width: 80},
			{title: "Up for", expr: by("max", byAgent, "time() - ("+plain("process_start_time_seconds")+")"), unit: seconds, empty: "does not report"},
			{title: "Configuration", expr: by("max", byAgent, plain("streamgauge_config_last_reload_successful")), empty: "does not report",
				mappings: named(failedOk)},
			{title: "Loaded", expr: by("max", byAgent, "time() - ("+plain("streamgauge_config_last_reload_success_timestamp_seconds")+")"),
				unit: seconds, empty: "does not report"},
			{title: "Series", expr: by("max", byAgent, plain("scrape_samples_scraped")), unit: count, empty: "does not report"},
			{title: "Files of limit", expr: by("max", byAgent, "("+plain("process_open_fds")+") / on ("+byAgent+") ("+plain("process_max_fds")+")"),
				unit: share, empty: "does not report", steps: warnThenBad(0.7, 0.9)},
			{title: "Build", expr: by("max", byAgent+", version, revision", plainBuild()), hidden: true},
			{title: "Version", label: "version"},
			{title: "Revision", label: "revision"},
		},
	}.build()
}

func plainBuild() string { return with("streamgauge_build_info", `instance=~"$instance"`) }

// targetTable lists targets with what is needed to judge their figures.
func targetTable(targets string) dashboard.Panel {
	plain := func(metric string) string { return by("max", byTarget, with(metric, targets)) }
	mean := "sum by (" + byTarget + ") (rate(" + with("streamgauge_poll_duration_seconds_sum", targets) + "[5m])) / sum by (" +
		byTarget + ") (rate(" + with("streamgauge_poll_duration_seconds_count", targets) + "[5m]))"
	errors := "sum by (" + byTarget + ") (rate(" + with("streamgauge_poll_errors_total", targets) + "[5m]))"
	return listing{
		panel: panel{title: "Targets", width: 24, height: 7, unit: count, empty: "no targets", steps: neutral(),
			about: "What the agents read. Age is the time since the last successful poll, as of now."},
		sortBy: "Age",
		columns: []column{
			labelColumn("cluster", nil),
			labelColumn("system", nil),
			labelColumn("target", linkTo("Groups of this target", "streamgauge-overview", "system", "target")),
			{title: "State", expr: plain("streamgauge_target_up"), empty: "unknown", mappings: named(downUp), width: 80},
			{title: "Servers", expr: plain("streamgauge_target_nodes"), unit: count, empty: "unknown"},
			{title: "Age", expr: by("max", byTarget, figuresAge(targets)), unit: seconds, empty: "never read"},
			{title: "Interval", expr: plain("streamgauge_poll_interval_seconds"), unit: seconds, empty: "unknown"},
			{title: "Poll takes", expr: by("max", byTarget, mean), unit: seconds, empty: "no polls"},
			{title: "Errors", expr: by("max", byTarget, errors), unit: perSecond, empty: "no polls", steps: above(0.0001, "orange")},
			{title: "Build", expr: by("max", byTarget+", version, mode", with("streamgauge_target_info", targets)), hidden: true},
			{title: "Version", label: "version"},
			{title: "Mode", label: "mode"},
		},
	}.build()
}
