import proto from '@temporalio/proto'

const { History } = proto.temporal.api.history.v1
type WorkflowHistory = proto.temporal.api.history.v1.IHistory

/** A history as readable JSON. The SDK's own historyToJSON fails where two versions of protobufjs are installed, as here. */
export function historyToText(history: WorkflowHistory): string {
  return `${JSON.stringify(History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String }), null, 1)}\n`
}

export function historyFromText(text: string): proto.temporal.api.history.v1.History {
  return History.fromObject(JSON.parse(text))
}
