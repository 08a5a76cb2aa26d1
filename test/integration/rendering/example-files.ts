/** A small repository of the usual shape: a base with overlays, a component, plain manifests, a chart. */
export const exampleFiles: Readonly<Record<string, string>> = {
  'apps/shop/base/kustomization.yaml': 'resources:\n- deployment.yaml\n- service.yaml\n',
  'apps/shop/base/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: shop
        image: images.example.com/shop:1.0.0
        env: [{name: ENABLED, value: "yes"}]
`,
  'apps/shop/base/service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 80}]}\n',
  'apps/shop/overlays/dev/kustomization.yaml': `namespace: dev
bases: [../../base]
commonLabels: {stage: dev}
images: [{name: images.example.com/shop, newTag: 1.1.0}]
patchesStrategicMerge: [replicas.yaml]
`,
  'apps/shop/overlays/dev/replicas.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {replicas: 2}\n',
  'apps/shop/overlays/prod/kustomization.yaml': `namespace: prod
namePrefix: live-
resources: [../../base]
components: [../../../../components/limits]
images: [{name: images.example.com/shop, newTag: 1.0.0}]
replicas: [{name: shop, count: 6}]
patches:
- target: {kind: Deployment}
  patch: |-
    - op: add
      path: /metadata/annotations
      value: {owner: team}
configMapGenerator:
- name: settings
  files: [settings.txt]
`,
  'apps/shop/overlays/prod/settings.txt': 'on: yes\n',
  'components/limits/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- path: limits.yaml\n  target: {kind: Deployment}\n',
  'components/limits/limits.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: any}\nspec: {template: {spec: {priorityClassName: high}}}\n',
  'plain/a.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {key: "yes"}\n---\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n',
  'plain/list.json': '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "c"}}]}',
  'plain/values.yaml': 'replicas: 3\n',
  'plain/README.md': 'not a manifest\n',
  'plain/deep/d.yml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n',
  'chart/Chart.yaml': 'name: chart\n',
  'other/notes.txt': 'nothing to do with any application\n',
}
