package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func ptr[T any](value T) *T { return &value }

// source is the data source that the user chose: nothing here names one.
func source() *common.DataSourceRef {
	return &common.DataSourceRef{Type: ptr("prometheus"), Uid: ptr("${datasource}")}
}

// A board is a dashboard before its panels have places.
type board struct {
	uid, title, about string
	variables         []dashboard.VariableModel
	annotations       []dashboard.AnnotationQuery
	sections          []section
}

// A section is a row of the dashboard. The first may have no title. What is collapsed costs nothing
// until somebody opens it.
type section struct {
	title     string
	collapsed bool
	panels    []dashboard.Panel
}

// All dashboards, in the order of the links at the top of each.
var navigation = []struct{ uid, title string }{
	{"streamgauge-overview", "Backpressure overview"},
	{"streamgauge-group", "Group"},
	{"streamgauge-redis", "Redis streams"},
	{"streamgauge-kafka", "Kafka topics and partitions"},
	{"streamgauge-agent", "Agent"},
}

func (b board) links() []dashboard.DashboardLink {
	var links []dashboard.DashboardLink
	for _, to := range navigation {
		if to.uid != b.uid {
			links = append(links, dashboard.DashboardLink{
				Title: to.title, Type: dashboard.DashboardLinkTypeLink, Icon: "dashboard",
				Url: ptr("/d/" + to.uid + "?${datasource:queryparam}"), KeepTime: true, Tags: []string{}})
		}
	}
	return links
}

func (b board) build() dashboard.Dashboard {
	return dashboard.Dashboard{
		Uid:           ptr(b.uid),
		Title:         ptr(b.title),
		Description:   ptr(b.about),
		Tags:          []string{"streamgauge"},
		Timezone:      ptr("browser"),
		Editable:      ptr(true),
		GraphTooltip:  ptr(dashboard.DashboardCursorSyncCrosshair),
		Time:          &dashboard.DashboardDashboardTime{From: "now-1h", To: "now"},
		Refresh:       ptr("30s"),
		SchemaVersion: 42,
		Templating:    dashboard.DashboardDashboardTemplating{List: b.variables},
		Annotations:   dashboard.AnnotationContainer{List: b.annotations},
		Links:         b.links(),
		Panels:        placed(b.sections),
	}
}

// placed numbers the panels and gives each its place: from left to right, then below the highest
// of the line.
func placed(sections []section) []dashboard.PanelOrRowPanel {
	const width = 24
	var all []dashboard.PanelOrRowPanel
	var id, y uint32
	for _, s := range sections {
		var row *dashboard.RowPanel
		if s.title != "" {
			id++
			row = &dashboard.RowPanel{Type: "row", Id: id, Title: ptr(s.title), Collapsed: s.collapsed,
				GridPos: &dashboard.GridPos{X: 0, Y: y, W: width, H: 1}, Panels: []dashboard.Panel{}}
			all = append(all, dashboard.PanelOrRowPanel{RowPanel: row})
			y++
		}
		var x, height uint32
		for i := range s.panels {
			p := &s.panels[i]
			if x+p.GridPos.W > width {
				x, y, height = 0, y+height, 0
			}
			id++
			p.Id, p.GridPos.X, p.GridPos.Y = ptr(id), x, y
			x, height = x+p.GridPos.W, max(height, p.GridPos.H)
			if s.collapsed {
				row.Panels = append(row.Panels, *p)
			} else {
				all = append(all, dashboard.PanelOrRowPanel{Panel: p})
			}
		}
		y += height
	}
	return all
}
