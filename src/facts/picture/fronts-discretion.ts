import {speaksOf} from '../../host/secrecy/names.ts'
import type {Directive} from '../fronts/nginx-syntax.ts'
import {isTelling, mayKeep} from './discretion.ts'

/** What is said of one directive of a front. */
interface Told {
  /** Its name; what it gives is named, too, where it is told by itself. */
  readonly called: string
  /** What it says may be known to two programs and nobody else. */
  readonly isSecret: boolean
}

/** Requests may bring these from anybody, and what a front puts there is known to everybody. */
const publicHeader =
  /^(?:host|connection|upgrade|te|expect|accept(?:-\w+)*|range|if-range|origin|referer|user-agent|early-data|forwarded|via|proxy|cache-control|pragma|x-(?:real-ip|client-ip|forwarded-(?:for|proto|host|port|server|prefix|ssl|scheme|path|by|uri)|scheme|url-scheme|script-name|request-(?:id|start)|queue-start|original-\w+|sendfile-type|accel-\w+|remote-\w+|nginx-proxy|requested-with))$/i

/** Of CGI (RFC 3875) and its kin; the others are an application's own. */
const publicParameter =
  /^(?:QUERY_STRING|REQUEST_(?:METHOD|URI|SCHEME)|CONTENT_(?:TYPE|LENGTH)|DOCUMENT_(?:URI|ROOT)|SERVER_(?:PROTOCOL|ADDR|PORT|NAME|SOFTWARE)|REMOTE_(?:ADDR|PORT|USER|HOST|IDENT)|SCRIPT_(?:NAME|FILENAME|URI|URL)|PATH_(?:INFO|TRANSLATED)|UWSGI_(?:SCRIPT|MODULE|CHDIR|SCHEME)|HTTPS?|HTTP_HOST|GATEWAY_INTERFACE|REDIRECT_STATUS|DJANGO_SETTINGS_MODULE)$/

/** How a directive of nginx or Apache is told, in lower case where it is Apache's. */
export function discretionOf({name, args}: Pick<Directive, 'name' | 'args'>): Told {
  const open = {called: name, isSecret: false}
  const [subject = '', ...rest] = withoutAction(name, args)
  const value = rest.join(' ')
  const secret = {called: `${name} ${subject}`, isSecret: true}
  switch (name) {
    case 'proxy_set_header':
    case 'grpc_set_header':
    case 'requestheader':
      return publicHeader.test(subject) || isTelling(value) ? open : secret
    case 'fastcgi_param':
    case 'uwsgi_param':
    case 'scgi_param':
      return publicParameter.test(subject) || mayKeep(subject, value) ? open : secret
    // What every visitor is answered is known, unless its name says otherwise.
    case 'add_header':
    case 'header':
      return speaksOf(subject) === 'never' || isTelling(value) ? open : secret
    case 'set':
      return mayKeep(subject.replace('$', ''), value) ? open : secret
    case 'setenv':
    case 'define':
      return mayKeep(subject, value) ? open : secret
    case 'env': {
      const [variable = '', ...said] = subject.split('=')
      return mayKeep(variable, said.join('=')) ? open : {called: `env ${variable}`, isSecret: true}
    }
    case 'rewritecond':
    case 'setenvif':
    case 'setenvifnocase':
      return asksVisitor(subject, name !== 'rewritecond') || asksInExpression(value) ? secret : open
    case 'secure_link_md5':
    case 'secure_link_secret':
      return {called: name, isSecret: true}
    case 'require':
      return asksInExpression(value) ? secret : open
    case 'setenvifexpr':
    case 'sslrequire':
      return asksInExpression(args.join(' ')) ? {called: name, isSecret: true} : open
    default: {
      const isSecret =
        speaksOf(name) === 'surely' && !ofFronts.test(name) && !isTelling(args.join(' '))
      return {called: name, isSecret}
    }
  }
}

/** Where requests go, and what a server says of itself. */
const ofFronts = /pass(?:match|reverse\w*)?$|^server_?tokens$/

/** Apache says first when and what is done to a header. */
function withoutAction(name: string, args: readonly string[]): readonly string[] {
  if (name !== 'header' && name !== 'requestheader') return args
  return args.slice(/^(?:always|onsuccess)$/i.test(args[0] ?? '') ? 2 : 1)
}

/** Whether a condition looks at what a visitor, or a front before this one, has to know. */
function asksVisitor(subject: string, isHeader: boolean): boolean {
  if (isHeader)
    return (
      /^[\w-]+$/.test(subject) &&
      !/^(?:remote_|server_|request_)/i.test(subject) &&
      !publicHeader.test(subject)
    )
  const headers = [...subject.matchAll(/%\{HTTP:([\w-]+)\}/gi)]
  if (headers.some(([, header = '']) => !publicHeader.test(header))) return true
  return /%\{(?:QUERY_STRING|HTTP_COOKIE|THE_REQUEST)\}/i.test(subject)
}

/** `$http_x_gate`, `$arg_key`, `$cookie_staff` of nginx. */
const sent = /\$(?:http_(\w+)|(?:arg|cookie)_\w+)/g

function isKnownOnly(text: string): boolean {
  return [...text.matchAll(sent)].some(
    ([, header]) => header === undefined || !publicHeader.test(header.replaceAll('_', '-')),
  )
}

/** Whether the entries of a block are what visitors have to know: `map $http_x_key $okay { … }`. */
export function listsSecrets({name, args}: Pick<Directive, 'name' | 'args'>): boolean {
  return /^(?:map|geo)$/.test(name) && isKnownOnly(args[0] ?? '')
}

/** The words of a block without what a visitor has to know: `($http_x_gate = …)`. */
export function shownCondition(name: string, args: readonly string[]): string {
  const text = args.join(' ')
  if (name === 'if' && isKnownOnly(text)) return `${/\$\w+/.exec(text)?.[0]} …`
  if (/^(?:if|elseif)$/.test(name) && asksInExpression(text))
    return [...text.matchAll(/%\{[\w:-]+\}|\b\w+\([\w-]*\)/g), '…'].join(' ')
  return text
}

function asksInExpression(text: string): boolean {
  return /%\{(?:HTTP:|HTTP_COOKIE|QUERY)|\b(?:req|http)(?:_novary)?\(/i.test(text)
}
