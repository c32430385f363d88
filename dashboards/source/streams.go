package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// What the dashboards of Redis streams and of Kafka topics have in common.

// amongLongest keeps the ten longest streams at the end of the shown time.
func amongLongest(expr, matchers string) string {
	length := with("stream:streamgauge_stream_length:max", matchers)
	return among(expr, byStream, top("10", length+" @ end()"))
}

func streamFigures(matchers, title string) []dashboard.Panel {
	const (
		appended = "stream:streamgauge_stream_appended:rate5m"
		removed  = "stream:streamgauge_stream_removed:rate5m"
	)
	length := with("stream:streamgauge_stream_length:max", matchers)
	return []dashboard.Panel{
		figure(panel{
			title: title, width: 3, unit: count, empty: "none",
			about: "How many are watched of those chosen.", queries: only("count(" + length + ")"),
		}),
		figure(panel{
			title: "Messages held", width: 3, unit: messages,
			about: "Sum of the lengths.", queries: only("sum(" + length + ")"),
		}),
		figure(panel{
			title: "Appended", width: 4, unit: messagesPerSecond,
			about: "Sum over the streams, mean of five minutes.", queries: only(sum(appended, matchers)),
		}),
		figure(panel{
			title: "Removed", width: 4, unit: messagesPerSecond,
			about:   "Trimmed, deleted or expired, mean of five minutes.",
			queries: only(sum(removed, matchers)),
		}),
	}
}

func streamGraphs(matchers string) []dashboard.Panel {
	longest := func(metric string) []query {
		return lines(amongLongest(with(metric, matchers), matchers), streamLegend)
	}
	return []dashboard.Panel{
		graph(panel{
			title: "Length, 10 longest", width: 8, unit: messages,
			about: "A length that only grows is trimmed by nobody; one that falls at once was trimmed by " +
				"hand or made anew.",
			queries: longest("stream:streamgauge_stream_length:max"),
		}),
		graph(panel{
			title: "Appended, 10 longest", width: 8, unit: messagesPerSecond,
			about:   "Messages that producers add.",
			queries: longest("stream:streamgauge_stream_appended:rate5m"),
		}),
		graph(panel{
			title: "Removed, 10 longest", width: 8, unit: messagesPerSecond,
			about:   "Messages that trimming, retention or deletion takes away.",
			queries: longest("stream:streamgauge_stream_removed:rate5m"),
		}),
	}
}
