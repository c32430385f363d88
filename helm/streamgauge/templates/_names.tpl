{{/* Names and labels that every object shares. */}}
{{- define "streamgauge.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* RELEASE-streamgauge, or only the release's name where that says it already. 52 characters leave
     room for what Kubernetes adds to the names of a StatefulSet's pods. */}}
{{- define "streamgauge.fullname" -}}
{{- $name := include "streamgauge.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "streamgauge.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "streamgauge.serviceAccountName" -}}
{{- default (ternary (include "streamgauge.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{/* Never changes in a release's life: selectors are immutable. */}}
{{- define "streamgauge.selectorLabels" -}}
app.kubernetes.io/name: {{ include "streamgauge.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "streamgauge.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "streamgauge.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of an object: (dict "root" $ "name" NAME "namespace" NS "labels" MAP "annotations" MAP);
     all but root may be left out. */}}
{{- define "streamgauge.metadata" -}}
{{- $root := .root -}}
name: {{ .name | default (include "streamgauge.fullname" $root) }}
namespace: {{ .namespace | default (include "streamgauge.namespace" $root) }}
labels:
  {{- merge (deepCopy (.labels | default dict)) (include "streamgauge.labels" $root | fromYaml) | toYaml | nindent 2 }}
{{- with merge (deepCopy (.annotations | default dict)) (deepCopy $root.Values.commonAnnotations) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "streamgauge.image" -}}
{{- $image := .Values.image -}}
{{- with $image.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest -}}
@{{ $image.digest }}
{{- else -}}
:{{ default .Chart.AppVersion $image.tag }}
{{- end -}}
{{- end -}}

{{/* "true" where the agents are a StatefulSet. */}}
{{- define "streamgauge.sharded" -}}
{{- if gt (int .Values.shards) 1 -}}true{{- end -}}
{{- end -}}
