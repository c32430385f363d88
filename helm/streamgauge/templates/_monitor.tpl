{{/* An endpoint of a ServiceMonitor or PodMonitor: (dict "root" $ "values" SECTION). */}}
{{- define "streamgauge.endpoint" -}}
{{- $tls := .root.Values.web.tls -}}
{{- with .values -}}
- port: http
  path: /metrics
  {{- if $tls }}
  scheme: https
  {{- end }}
  {{- with .tlsConfig }}
  tlsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .basicAuth }}
  basicAuth:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .interval }}
  interval: {{ . }}
  {{- end }}
  {{- with .scrapeTimeout }}
  scrapeTimeout: {{ . }}
  {{- end }}
  {{- with .relabelings }}
  relabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .metricRelabelings }}
  metricRelabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* What both kinds say beside it: (dict "root" $ "values" SECTION). The job is the chart's name, by
     which StreamgaugeAgentDown knows it. */}}
{{- define "streamgauge.monitor" -}}
jobLabel: app.kubernetes.io/name
namespaceSelector:
  matchNames: [{{ include "streamgauge.namespace" .root }}]
{{- with .values.sampleLimit }}
sampleLimit: {{ . }}
{{- end }}
selector:
  matchLabels:
    {{- include "streamgauge.selectorLabels" .root | nindent 4 }}
{{- end -}}
