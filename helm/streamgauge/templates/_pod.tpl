{{/* The pod of the Deployment and of the StatefulSet. */}}
{{- define "streamgauge.podTemplate" -}}
metadata:
  labels:
    {{- merge (deepCopy .Values.podLabels) (include "streamgauge.labels" . | fromYaml) | toYaml | nindent 4 }}
  annotations:
    kubectl.kubernetes.io/default-container: streamgauge
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "streamgauge.podBasics" . | nindent 2 }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- $ours := dict "labelSelector" (dict "matchLabels" (include "streamgauge.selectorLabels" $ | fromYaml)) }}
    {{- range . }}
    - {{ merge (deepCopy .) (ternary dict $ours (hasKey . "labelSelector")) | toYaml | nindent 6 | trim }}
    {{- end }}
  {{- end }}
  {{- with .Values.initContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: streamgauge
      args:
        - --config=/etc/streamgauge/config/streamgauge.yml
        {{- with .Values.extraArgs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- include "streamgauge.containerBasics" . | nindent 6 }}
      ports:
        - {name: http, containerPort: {{ .Values.containerPort }}, protocol: TCP}
      {{- include "streamgauge.probe" (dict "name" "startupProbe" "values" .Values.startupProbe "path" "/-/healthy" "tls" .Values.web.tls) | nindent 6 }}
      {{- include "streamgauge.probe" (dict "name" "livenessProbe" "values" .Values.livenessProbe "path" "/-/healthy" "tls" .Values.web.tls) | nindent 6 }}
      {{- include "streamgauge.probe" (dict "name" "readinessProbe" "values" .Values.readinessProbe "path" "/-/ready" "tls" .Values.web.tls) | nindent 6 }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* What the agent's pod and that of `helm test` have in common: where they run and as whom. */}}
{{- define "streamgauge.podBasics" -}}
serviceAccountName: {{ include "streamgauge.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: config
    configMap: {name: {{ include "streamgauge.configMapName" . }}}
  {{- range $i, $target := keys .Values.secrets | sortAlpha }}
  - name: secret-{{ $i }}
    # 0440: for the group that fsGroup makes the owner, whichever user runs the agent.
    secret: {secretName: {{ (index $.Values.secrets $target).existingSecret }}, defaultMode: 0440}
  {{- end }}
  {{- with .Values.web.existingSecret }}
  - name: web
    secret: {secretName: {{ . }}, defaultMode: 0440}
  {{- end }}
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* The image, environment, files and limits of both containers. Whole folders are mounted, never
     single files: those would not change with their ConfigMap or Secret. */}}
{{- define "streamgauge.containerBasics" -}}
image: {{ include "streamgauge.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
env:
  - name: POD_NAME
    valueFrom: {fieldRef: {fieldPath: metadata.name}}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - {name: config, mountPath: /etc/streamgauge/config, readOnly: true}
  {{- range $i, $target := keys .Values.secrets | sortAlpha }}
  - {name: secret-{{ $i }}, mountPath: {{ include "streamgauge.secretFolder" $target }}, readOnly: true}
  {{- end }}
  {{- if .Values.web.existingSecret }}
  - {name: web, mountPath: /etc/streamgauge/web, readOnly: true}
  {{- end }}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* (dict "name" NAME "values" PROBE "path" PATH): PROBE, asking PATH where it names no action. */}}
{{- define "streamgauge.probe" -}}
{{- if .values -}}
{{- $probe := deepCopy .values -}}
{{- if not (or $probe.httpGet $probe.exec $probe.tcpSocket $probe.grpc) -}}
{{- $_ := set $probe "httpGet" (merge (dict "path" .path "port" "http") (ternary (dict "scheme" "HTTPS") dict .tls)) -}}
{{- end -}}
{{ .name }}:
  {{- toYaml $probe | nindent 2 }}
{{- end -}}
{{- end -}}
