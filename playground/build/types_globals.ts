/**
 * What a program finds in the sandbox besides the language itself. What is not declared here is not
 * there, such as a document and the network, and using it is an error in the editor already.
 */

/** A declaration file; it is a text so that it declares nothing to this project. */
export const globals = `
interface Console {
  debug(...data: any[]): void
  error(...data: any[]): void
  info(...data: any[]): void
  log(...data: any[]): void
  table(data?: any, properties?: string[]): void
  trace(...data: any[]): void
  warn(...data: any[]): void
  assert(condition?: boolean, ...data: any[]): void
  count(label?: string): void
  countReset(label?: string): void
  dir(item?: any, options?: any): void
  group(...data: any[]): void
  groupCollapsed(...data: any[]): void
  groupEnd(): void
  time(label?: string): void
  timeEnd(label?: string): void
  timeLog(label?: string, ...data: any[]): void
  clear(): void
  dirxml(...data: any[]): void
}
/** Prints into the log of the run. */
declare var console: Console
declare var self: typeof globalThis
/** Calls a function once, after some milliseconds of simulated time. */
declare function setTimeout<A extends any[]>(
  f: (...args: A) => void,
  ms?: number,
  ...args: A
): number
/** Calls a function again and again, each time after some milliseconds of simulated time. */
declare function setInterval<A extends any[]>(
  f: (...args: A) => void,
  ms?: number,
  ...args: A
): number
declare function clearTimeout(id: number | undefined): void
declare function clearInterval(id: number | undefined): void
declare function setImmediate<A extends any[]>(f: (...args: A) => void, ...args: A): number
declare function clearImmediate(id: number | undefined): void
/** Calls a function as soon as the code that runs now is done. */
declare function queueMicrotask(f: () => void): void
/** Makes a deep copy. */
declare function structuredClone<T>(value: T): T
declare function atob(data: string): string
declare function btoa(data: string): string
/** Simulated time. */
declare var performance: { now(): number; readonly timeOrigin: number }
interface Crypto {
  randomUUID(): \`\${string}-\${string}-\${string}-\${string}-\${string}\`
  getRandomValues<T extends ArrayBufferView>(array: T): T
}
/** Random values that depend on the seed of the run. */
declare var crypto: Crypto
interface Event {
  readonly type: string
  readonly target: EventTarget | null
}
interface EventTarget {
  addEventListener(type: string, listener: (event: any) => void, options?: any): void
  removeEventListener(type: string, listener: (event: any) => void, options?: any): void
  dispatchEvent(event: Event): boolean
}
interface CustomEvent<T = any> extends Event {
  readonly detail: T
}
declare var CustomEvent: { new <T>(type: string, init?: { detail?: T }): CustomEvent<T> }
interface DOMException extends Error {
  readonly code: number
}
declare var DOMException: { new (message?: string, name?: string): DOMException }
declare var Event: { new (type: string): Event }
declare var EventTarget: { new (): EventTarget }
interface AbortSignal extends EventTarget {
  readonly aborted: boolean
  readonly reason: any
  onabort: ((event: Event) => void) | null
  throwIfAborted(): void
}
declare var AbortSignal: {
  abort(reason?: any): AbortSignal
  any(signals: AbortSignal[]): AbortSignal
  timeout(ms: number): AbortSignal
}
interface AbortController {
  readonly signal: AbortSignal
  abort(reason?: any): void
}
declare var AbortController: { new (): AbortController }
interface URLSearchParams extends Iterable<[string, string]> {
  readonly size: number
  append(name: string, value: string): void
  delete(name: string, value?: string): void
  get(name: string): string | null
  getAll(name: string): string[]
  has(name: string, value?: string): boolean
  set(name: string, value: string): void
  sort(): void
  toString(): string
  forEach(f: (value: string, key: string) => void): void
  entries(): IterableIterator<[string, string]>
  keys(): IterableIterator<string>
  values(): IterableIterator<string>
}
declare var URLSearchParams: {
  new (init?: string[][] | Record<string, string> | string | URLSearchParams): URLSearchParams
}
interface URL {
  hash: string
  host: string
  hostname: string
  href: string
  readonly origin: string
  password: string
  pathname: string
  port: string
  protocol: string
  search: string
  readonly searchParams: URLSearchParams
  username: string
  toString(): string
  toJSON(): string
}
declare var URL: {
  new (url: string | URL, base?: string | URL): URL
  canParse(url: string | URL, base?: string | URL): boolean
}
interface TextDecoder {
  readonly encoding: string
  decode(input?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string
}
declare var TextDecoder: {
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder
}
interface TextEncoder {
  readonly encoding: string
  encode(input?: string): Uint8Array<ArrayBuffer>
}
declare var TextEncoder: { new (): TextEncoder }
interface Blob {
  readonly size: number
  readonly type: string
  arrayBuffer(): Promise<ArrayBuffer>
  bytes(): Promise<Uint8Array<ArrayBuffer>>
  slice(start?: number, end?: number, contentType?: string): Blob
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>
  text(): Promise<string>
}
type BlobPart = string | Blob | ArrayBuffer | ArrayBufferView
declare var Blob: { new (parts?: BlobPart[], options?: { type?: string }): Blob }
interface File extends Blob {
  readonly name: string
  readonly lastModified: number
}
type FormDataEntryValue = File | string
interface FormData extends Iterable<[string, FormDataEntryValue]> {
  append(name: string, value: string | Blob, fileName?: string): void
  delete(name: string): void
  get(name: string): FormDataEntryValue | null
  getAll(name: string): FormDataEntryValue[]
  has(name: string): boolean
  set(name: string, value: string | Blob, fileName?: string): void
}
declare var FormData: { new (): FormData }
interface Headers extends Iterable<[string, string]> {
  append(name: string, value: string): void
  delete(name: string): void
  get(name: string): string | null
  has(name: string): boolean
  set(name: string, value: string): void
}
type HeadersInit = [string, string][] | Record<string, string> | Headers
declare var Headers: { new (init?: HeadersInit): Headers }
type BodyInit =
  | ReadableStream
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | FormData
  | URLSearchParams
  | string
interface Body {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null
  readonly bodyUsed: boolean
  arrayBuffer(): Promise<ArrayBuffer>
  blob(): Promise<Blob>
  bytes(): Promise<Uint8Array<ArrayBuffer>>
  formData(): Promise<FormData>
  json(): Promise<any>
  text(): Promise<string>
}
interface RequestInit {
  body?: BodyInit | null
  headers?: HeadersInit
  method?: string
  signal?: AbortSignal | null
}
interface Request extends Body {
  readonly headers: Headers
  readonly method: string
  readonly signal: AbortSignal
  readonly url: string
  clone(): Request
}
declare var Request: { new (input: string | URL | Request, init?: RequestInit): Request }
interface ResponseInit {
  headers?: HeadersInit
  status?: number
  statusText?: string
}
interface Response extends Body {
  readonly headers: Headers
  readonly ok: boolean
  readonly status: number
  readonly statusText: string
  readonly url: string
  clone(): Response
}
declare var Response: {
  new (body?: BodyInit | null, init?: ResponseInit): Response
  json(data: any, init?: ResponseInit): Response
}
interface QueuingStrategy<T = any> {
  highWaterMark?: number
  size?: (chunk: T) => number
}
interface ReadableStream<R = any> extends AsyncIterable<R> {
  readonly locked: boolean
  cancel(reason?: any): Promise<void>
  getReader(): {
    read(): Promise<{ done: boolean; value: R | undefined }>
    releaseLock(): void
    cancel(reason?: any): Promise<void>
  }
  pipeThrough<T>(
    transform: { readable: ReadableStream<T>; writable: WritableStream<R> }
  ): ReadableStream<T>
  pipeTo(destination: WritableStream<R>): Promise<void>
  tee(): [ReadableStream<R>, ReadableStream<R>]
}
declare var ReadableStream: {
  new <R = any>(source?: any, strategy?: QueuingStrategy<R>): ReadableStream<R>
}
interface WritableStream<W = any> {
  readonly locked: boolean
  abort(reason?: any): Promise<void>
  close(): Promise<void>
  getWriter(): { write(chunk: W): Promise<void>; close(): Promise<void>; releaseLock(): void }
}
declare var WritableStream: {
  new <W = any>(sink?: any, strategy?: QueuingStrategy<W>): WritableStream<W>
}
interface TransformStream<I = any, O = any> {
  readonly readable: ReadableStream<O>
  readonly writable: WritableStream<I>
}
declare var TransformStream: { new <I = any, O = any>(transformer?: any): TransformStream<I, O> }
interface CryptoKey {
  readonly type: string
}
interface JsonWebKey {
  kty?: string
}
interface MessagePort extends EventTarget {
  postMessage(message: any): void
  close(): void
}
interface ImageData {
  readonly width: number
  readonly height: number
}
type Transferable = ArrayBuffer | MessagePort | ReadableStream | WritableStream | TransformStream
interface Storage {
  readonly length: number
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
  clear(): void
  key(index: number): string | null
}
`
