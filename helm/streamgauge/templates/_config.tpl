{{/* The agent's configuration file: `config` with what the chart knows better. */}}
{{- define "streamgauge.config" -}}
{{- $root := . -}}
{{- $config := deepCopy (.Values.config | default dict) -}}
{{- $_ := set $config "http" (merge (dict "listen" (printf "%s:%d" .Values.listenAddress (int .Values.containerPort))) ($config.http | default dict)) -}}
{{- if .Values.web.existingSecret -}}
{{- $_ := set $config.http "web_config_file" "/etc/streamgauge/web/web.yml" -}}
{{- end -}}
{{- if include "streamgauge.sharded" . -}}
{{- $_ := set $config "shard" (dict "index" "${POD_NAME}" "total" (int .Values.shards)) -}}
{{- end -}}
{{- range $target := $config.targets -}}
{{- with index $root.Values.secrets ($target.name | default "") -}}
{{- include "streamgauge.config.password" (dict "target" $target "key" (ternary .passwordKey "password" (hasKey . "passwordKey"))) -}}
{{- include "streamgauge.config.tls" (dict "target" $target "secret" .) -}}
{{- end -}}
{{- end -}}
{{- tpl (toYaml $config) . -}}
{{- end -}}

{{/* Tells a target where its password is; one that says so itself is left alone. */}}
{{- define "streamgauge.config.password" -}}
{{- $target := .target -}}
{{- if .key -}}
{{- $file := printf "%s/%s" (include "streamgauge.secretFolder" $target.name) .key -}}
{{- if eq $target.type "redis" -}}
{{- if not (or $target.password $target.password_file) -}}
{{- $_ := set $target "password_file" $file -}}
{{- end -}}
{{- else -}}
{{- $properties := $target.properties | default dict -}}
{{- $mechanism := coalesce (index $properties "sasl.mechanisms") (index $properties "sasl.mechanism") -}}
{{- $property := ternary "sasl.oauthbearer.client.secret" "sasl.password" (eq ($mechanism | default "") "OAUTHBEARER") -}}
{{- $fileProperty := printf "%s_file" $property -}}
{{- $loginWanted := hasPrefix "SASL" (index $properties "security.protocol" | default "SASL" | toString | upper) -}}
{{- if and $loginWanted (not (or (index $properties $property) (index $properties $fileProperty))) -}}
{{- $_ := set $target "properties" (merge (dict $fileProperty $file) $properties) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Tells a Redis target where its certificates are; what it says itself is left alone. */}}
{{- define "streamgauge.config.tls" -}}
{{- $target := .target -}}
{{- $files := dict -}}
{{- range $file, $key := dict "ca_file" .secret.caKey "cert_file" .secret.certKey "key_file" .secret.keyKey -}}
{{- if $key -}}
{{- $_ := set $files $file (printf "%s/%s" (include "streamgauge.secretFolder" $target.name) $key) -}}
{{- end -}}
{{- end -}}
{{- if $files -}}
{{- $_ := set $target "tls" (merge (deepCopy ($target.tls | default dict)) $files) -}}
{{- end -}}
{{- end -}}

{{/* Where the Secret of a target is mounted. */}}
{{- define "streamgauge.secretFolder" -}}
/etc/streamgauge/secrets/{{ . }}
{{- end -}}

{{- define "streamgauge.configMapName" -}}
{{- default (include "streamgauge.fullname" .) .Values.existingConfigMap -}}
{{- end -}}

{{/* The ports of all targets, as {"ports": [...]}. */}}
{{- define "streamgauge.targetPorts" -}}
{{- $ports := list -}}
{{- $config := tpl (toYaml (.Values.config | default dict)) . | fromYaml -}}
{{- range $target := $config.targets -}}
{{- $addresses := $target.brokers | default list -}}
{{- if eq $target.type "redis" -}}
{{- $addresses = ternary (list $target.address) $target.address (kindIs "string" $target.address) -}}
{{- end -}}
{{- range $addresses -}}
{{- if hasPrefix "unix:" . -}}{{- continue -}}{{- end -}}
{{- $port := regexFind ":[0-9]+(/[0-9]*)?$" . | trimPrefix ":" | regexFind "^[0-9]+" -}}
{{- $ports = append $ports ($port | default (ternary "6379" "9092" (eq $target.type "redis")) | int) -}}
{{- end -}}
{{- end -}}
{{- dict "ports" ($ports | uniq | sortAlpha) | toJson -}}
{{- end -}}
