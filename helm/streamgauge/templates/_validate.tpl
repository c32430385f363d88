{{/* What values.schema.json cannot say, or not in a sentence: every problem at once. */}}
{{- define "streamgauge.validate" -}}
{{- $problems := concat
      (include "streamgauge.problems.config" . | fromJsonArray)
      (include "streamgauge.problems.targets" . | fromJsonArray)
      (include "streamgauge.problems.durations" (dict "at" "config" "value" .Values.config) | fromJsonArray)
      (include "streamgauge.problems.secrets" . | fromJsonArray)
      (include "streamgauge.problems.alerts" . | fromJsonArray)
      (include "streamgauge.problems.objects" . | fromJsonArray) -}}
{{- if $problems -}}
{{- fail (printf "\n\nThese values cannot be:\n  - %s\n" (join "\n  - " $problems)) -}}
{{- end -}}
{{- end -}}

{{- define "streamgauge.problems.config" -}}
{{- $problems := list -}}
{{- $config := .Values.config | default dict -}}
{{- if .Values.existingConfigMap -}}
{{- if $config -}}
{{- $problems = append $problems "existingConfigMap: stands beside config, of which only one can be; remove one of them" -}}
{{- end -}}
{{- else if not $config.targets -}}
{{- $problems = append $problems "config.targets: names no Redis and no Kafka to watch; write for example\n      config:\n        targets:\n          - {name: checkout, type: redis, address: \"redis://redis:6379\"}\n          - {name: events, type: kafka, brokers: [\"kafka:9092\"]}" -}}
{{- end -}}
{{- if hasKey ($config.http | default dict) "listen" -}}
{{- $problems = append $problems "config.http.listen: is what the chart sets; write containerPort and listenAddress instead" -}}
{{- end -}}
{{- if hasKey ($config.http | default dict) "web_config_file" -}}
{{- $problems = append $problems "config.http.web_config_file: is what the chart sets; put web.yml into a Secret and write web.existingSecret instead" -}}
{{- end -}}
{{- if hasKey $config "shard" -}}
{{- $problems = append $problems "config.shard: is what the chart sets; write shards: N instead" -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "streamgauge.problems.targets" -}}
{{- $problems := list -}}
{{- $names := list -}}
{{- range $i, $target := (.Values.config | default dict).targets -}}
{{- $at := printf "config.targets[%d]" $i -}}
{{- if has $target.name $names -}}
{{- $problems = append $problems (printf "%s.name: %q is another target's already; names are unique" $at $target.name) -}}
{{- end -}}
{{- $names = append $names $target.name -}}
{{- if and (eq $target.type "redis") (not $target.address) -}}
{{- $problems = append $problems (printf "%s.address: is missing; write where the Redis is, such as redis://redis:6379" $at) -}}
{{- else if and (eq $target.type "kafka") (not $target.brokers) -}}
{{- $problems = append $problems (printf "%s.brokers: is missing; write where the Kafka is, such as [\"kafka:9092\"]" $at) -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{/* Durations at any depth of (dict "at" PATH "value" VALUE). */}}
{{- define "streamgauge.problems.durations" -}}
{{- $keys := list "poll_interval" "stale_after" "timeout" "discovery_interval" "window" "pending_window" "dead_after" "loss_horizon" -}}
{{- $problems := list -}}
{{- $at := .at -}}
{{- if kindIs "map" .value -}}
{{- range $key, $value := .value -}}
{{- $path := printf "%s.%s" $at $key -}}
{{- if not (has $key $keys) -}}
{{- $problems = concat $problems (include "streamgauge.problems.durations" (dict "at" $path "value" $value) | fromJsonArray) -}}
{{- else if not (or (kindIs "invalid" $value) (regexMatch "^[0-9]+(ms|s|m|h)$|[$][{]|[{][{]" (toString $value))) -}}
{{- $problems = append $problems (printf "%s: %q is no duration; write a whole number and a unit, such as 500ms, 10s, 5m or 1h" $path (toString $value)) -}}
{{- end -}}
{{- end -}}
{{- else if kindIs "slice" .value -}}
{{- range $i, $value := .value -}}
{{- $problems = concat $problems (include "streamgauge.problems.durations" (dict "at" (printf "%s[%d]" $at $i) "value" $value) | fromJsonArray) -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "streamgauge.problems.secrets" -}}
{{- $problems := list -}}
{{- $names := list -}}
{{- $types := dict -}}
{{- range (.Values.config | default dict).targets -}}
{{- $names = append $names .name -}}
{{- $_ := set $types (.name | default "") .type -}}
{{- end -}}
{{- range $target, $secret := .Values.secrets -}}
{{- if not (regexMatch "^[A-Za-z0-9][A-Za-z0-9._-]*$" $target) -}}
{{- $problems = append $problems (printf "secrets: %q becomes the name of a folder; give the target a name of letters, digits, dots, hyphens and underscores" $target) -}}
{{- else if not (or $.Values.existingConfigMap (has $target $names)) -}}
{{- $problems = append $problems (printf "secrets.%s: no target has this name; write one of: %s" $target (join ", " $names)) -}}
{{- else if and (eq (index $types $target | default "") "kafka") (or $secret.caKey $secret.certKey $secret.keyKey) -}}
{{- $problems = append $problems (printf "secrets.%s: caKey, certKey and keyKey are for Redis; name the files in the target's properties, such as ssl.ca.location: %s/ca.crt" $target (include "streamgauge.secretFolder" $target)) -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "streamgauge.problems.alerts" -}}
{{- $problems := list -}}
{{- $known := include "streamgauge.ruleNames" . | fromJson -}}
{{- range $name, $_ := .Values.alerts.rules -}}
{{- if not (has $name $known.alerts) -}}
{{- $problems = append $problems (printf "alerts.rules.%s: no alert has this name; write one of: %s" $name (join ", " $known.alerts)) -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := .Values.alerts.thresholds -}}
{{- $systems := index $known.thresholds $name -}}
{{- if kindIs "invalid" $systems -}}
{{- $problems = append $problems (printf "alerts.thresholds.%s: no threshold has this name; write one of: %s" $name (keys $known.thresholds | sortAlpha | join ", ")) -}}
{{- else if and $systems (not (kindIs "map" $value)) -}}
{{- $problems = append $problems (printf "alerts.thresholds.%s: is one figure for each of %s; write %s: {%s: %v}" $name (join ", " $systems) $name (first $systems) $value) -}}
{{- else if and (not $systems) (kindIs "map" $value) -}}
{{- $problems = append $problems (printf "alerts.thresholds.%s: is one figure; write a number" $name) -}}
{{- else if $systems -}}
{{- range $system, $_ := $value -}}
{{- if not (has $system $systems) -}}
{{- $problems = append $problems (printf "alerts.thresholds.%s.%s: no such system; write one of: %s" $name $system (join ", " $systems)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "streamgauge.problems.objects" -}}
{{- $problems := list -}}
{{- $values := .Values -}}
{{- if and $values.image.digest (not (regexMatch "^sha256:[0-9a-f]{64}$" $values.image.digest)) -}}
{{- $problems = append $problems (printf "image.digest: %q is none; write sha256: and 64 hexadecimal digits, or write image.tag" $values.image.digest) -}}
{{- end -}}
{{- if and $values.web.tls (not $values.web.existingSecret) (not $values.existingConfigMap) -}}
{{- $problems = append $problems "web.tls: needs web.existingSecret, a Secret whose web.yml names the certificate" -}}
{{- end -}}
{{- if and (include "streamgauge.sharded" .) (ne (int $values.replicas) 1) -}}
{{- $problems = append $problems (printf "replicas: %d agents for each of %d shards cannot be; leave replicas out, or write shards: 1" (int $values.replicas) (int $values.shards)) -}}
{{- end -}}
{{- if and $values.serviceMonitor.enabled $values.podMonitor.enabled -}}
{{- $problems = append $problems "podMonitor.enabled: beside serviceMonitor.enabled every agent would be scraped twice; write enabled: false in one of them" -}}
{{- end -}}
{{- if and $values.serviceMonitor.enabled (not $values.service.enabled) -}}
{{- $problems = append $problems "serviceMonitor.enabled: needs service.enabled: true; write podMonitor.enabled: true instead where there is to be no Service" -}}
{{- end -}}
{{- if and $values.networkPolicy.enabled $values.existingConfigMap (not $values.networkPolicy.egress.ports) -}}
{{- $problems = append $problems "networkPolicy.egress.ports: the targets' ports are not known from existingConfigMap; write them, such as [6379, 9092]" -}}
{{- end -}}
{{- $budget := $values.podDisruptionBudget -}}
{{- if and $budget.enabled (eq (kindIs "invalid" $budget.maxUnavailable) (kindIs "invalid" $budget.minAvailable)) -}}
{{- $problems = append $problems "podDisruptionBudget: takes one of maxUnavailable and minAvailable; write null for the other" -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}
