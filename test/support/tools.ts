export async function kubeBinaries(): Promise<string> {
  return process.env['KUBEBUILDER_ASSETS'] ?? '/root/.cache/roadstead/warm/kube'
}
