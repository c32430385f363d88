{{/* The rules of the repository's alerts/ folder, with the changes that the values ask for, as the
     content of a Prometheus rule file. */}}
{{- define "streamgauge.rules" -}}
{{- $groups := list -}}
{{- range $path, $_ := .Files.Glob "files/alerts/*.rules.yml" -}}
{{- range ($.Files.Get $path | fromYaml).groups -}}
{{- $rules := list -}}
{{- range $rule := .rules -}}
{{- if $rule.alert -}}
{{- if dig $rule.alert "enabled" true $.Values.alerts.rules -}}
{{- $rules = append $rules (include "streamgauge.rules.alert" (dict "root" $ "rule" $rule) | fromYaml) -}}
{{- end -}}
{{- else -}}
{{- $rules = append $rules (include "streamgauge.rules.record" (dict "root" $ "rule" $rule) | fromYaml) -}}
{{- end -}}
{{- end -}}
{{- if $rules -}}
{{- $groups = append $groups (merge (dict "rules" $rules) .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "groups" (concat $groups .Values.alerts.extraGroups) | toYaml -}}
{{- end -}}

{{/* (dict "root" $ "rule" RULE): a recording rule; thresholds are those of the values. */}}
{{- define "streamgauge.rules.record" -}}
{{- $rule := .rule -}}
{{- if eq $rule.record "streamgauge:threshold" -}}
{{- $value := index .root.Values.alerts.thresholds $rule.labels.name -}}
{{- if kindIs "map" $value -}}
{{- $value = index $value $rule.labels.system -}}
{{- end -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $_ := set $rule "expr" (printf "vector(%v)" $value) -}}
{{- end -}}
{{- end -}}
{{- toYaml $rule -}}
{{- end -}}

{{/* (dict "root" $ "rule" RULE): an alert with its labels, times and links. */}}
{{- define "streamgauge.rules.alert" -}}
{{- $values := .root.Values.alerts -}}
{{- $rule := .rule -}}
{{- $own := index $values.rules $rule.alert | default dict -}}
{{- $severity := ternary (dict "severity" $own.severity) dict (hasKey $own "severity") -}}
{{- $_ := set $rule "labels" (merge dict (deepCopy ($own.labels | default dict)) $severity (deepCopy $values.ruleLabels) ($rule.labels | default dict)) -}}
{{- with $own.for }}{{- $_ := set $rule "for" . -}}{{- end -}}
{{- with $own.keepFiringFor }}{{- $_ := set $rule "keep_firing_for" . -}}{{- end -}}
{{- $annotations := $rule.annotations -}}
{{- $links := dict
      "runbook_url" (dict "from" "https://streamgauge.example.com/docs/runbooks" "to" $values.runbookUrl)
      "dashboard_url" (dict "from" "https://grafana.example.com" "to" $values.grafanaUrl) -}}
{{- range $key, $link := $links -}}
{{- if $link.to -}}
{{- $_ := set $annotations $key (index $annotations $key | replace $link.from (trimSuffix "/" $link.to)) -}}
{{- else -}}
{{- $_ := unset $annotations $key -}}
{{- end -}}
{{- end -}}
{{- $_ := set $rule "annotations" (merge (deepCopy ($own.annotations | default dict)) $annotations) -}}
{{- toYaml $rule -}}
{{- end -}}

{{/* {"alerts": [NAME...], "thresholds": {NAME: [SYSTEM...]}}: what the values may name. */}}
{{- define "streamgauge.ruleNames" -}}
{{- $alerts := list -}}
{{- $thresholds := dict -}}
{{- range $path, $_ := .Files.Glob "files/alerts/*.rules.yml" -}}
{{- range ($.Files.Get $path | fromYaml).groups -}}
{{- range .rules -}}
{{- if .alert -}}
{{- $alerts = append $alerts .alert -}}
{{- else if eq .record "streamgauge:threshold" -}}
{{- $systems := index $thresholds .labels.name | default list -}}
{{- with .labels.system }}{{- $systems = append $systems . -}}{{- end -}}
{{- $_ := set $thresholds .labels.name $systems -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "alerts" ($alerts | uniq | sortAlpha) "thresholds" $thresholds | toJson -}}
{{- end -}}
