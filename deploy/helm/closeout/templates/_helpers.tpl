{{- define "closeout.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- /* What selects the pods of a component: (list $ "api"). */}}
{{- define "closeout.selector" -}}
app.kubernetes.io/name: closeout
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "closeout.labels" -}}
{{ include "closeout.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (index . 0).Chart.Name (index . 0).Chart.Version }}
{{- end }}

{{- define "closeout.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- .Values.serviceAccount.name | default (include "closeout.name" .) }}
{{- else }}
{{- .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{- define "closeout.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "closeout.taskQueue" -}}
{{ .Values.settings.task_queue | default "closeout" }}
{{- end }}

{{- define "closeout.temporalPort" -}}
{{ .Values.temporal.address | splitList ":" | last }}
{{- end }}

{{- /* What a pod of any component is allowed, tolerates and waits for. */}}
{{- define "closeout.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "closeout.container" -}}
image: {{ include "closeout.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{- /* The environment of every component. */}}
{{- define "closeout.environment" -}}
- name: CLOSEOUT_DSN
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.secret }}
      key: {{ .Values.database.key }}
- name: TEMPORAL_ADDRESS
  value: {{ .Values.temporal.address | quote }}
- name: TEMPORAL_NAMESPACE
  value: {{ .Values.temporal.namespace | quote }}
{{- if .Values.temporal.apiKey.secret }}
- name: TEMPORAL_API_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.temporal.apiKey.secret }}
      key: {{ .Values.temporal.apiKey.key }}
{{- end }}
{{- with .Values.temporal.tls }}
{{- if .enabled }}
- name: TEMPORAL_TLS
  value: "true"
{{- with .serverName }}
- name: TEMPORAL_TLS_SERVER_NAME
  value: {{ . | quote }}
{{- end }}
{{- if .clientCertificate }}
- name: TEMPORAL_TLS_CLIENT_CERT_PATH
  value: /etc/closeout/temporal/tls.crt
- name: TEMPORAL_TLS_CLIENT_KEY_PATH
  value: /etc/closeout/temporal/tls.key
{{- end }}
{{- if .serverCa }}
- name: TEMPORAL_TLS_SERVER_CA_CERT_PATH
  value: /etc/closeout/temporal/ca.crt
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.policies }}
- name: CLOSEOUT_POLICIES
  value: /etc/closeout/policies
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: CLOSEOUT_{{ upper $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- /* The mail server: workers send by it, the API says whether there is one, and from it `closeout doctor` asks. */}}
{{- define "closeout.mail" -}}
{{- if .Values.mail.secret -}}
- name: CLOSEOUT_SMTP_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.mail.secret }}
      key: {{ .Values.mail.key }}
- name: CLOSEOUT_MAIL_FROM
  value: {{ .Values.mail.from | quote }}
{{- end }}
{{- end }}

{{- /* What every component finds under /etc/closeout; `closeout.mounts` and `closeout.volumes` go together. */}}
{{- define "closeout.mounts" -}}
- name: tmp
  mountPath: /tmp
{{- if .Values.policies }}
- name: policies
  mountPath: /etc/closeout/policies
  readOnly: true
{{- end }}
{{- if .Values.temporal.tls.secret }}
- name: temporal-tls
  mountPath: /etc/closeout/temporal
  readOnly: true
{{- end }}
{{- end }}

{{- define "closeout.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- if .Values.policies }}
- name: policies
  configMap:
    name: {{ include "closeout.name" . }}-policies
{{- end }}
{{- if .Values.temporal.tls.secret }}
- name: temporal-tls
  secret:
    secretName: {{ .Values.temporal.tls.secret }}
    defaultMode: 0440
{{- end }}
{{- end }}

{{- /* Where pods may connect: names, database, engine. */}}
{{- define "closeout.egress" -}}
- ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
- ports:
    - {port: {{ .Values.networkPolicy.database.port }}, protocol: TCP}
  {{- with .Values.networkPolicy.database.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
- ports:
    - {port: {{ include "closeout.temporalPort" . }}, protocol: TCP}
  {{- with .Values.networkPolicy.temporal.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "closeout.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "closeout.selector" . | nindent 8 }}
{{- end }}
