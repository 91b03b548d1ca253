import type { Messages } from '../messages.ts'
import { pluralIn } from '../plural.ts'

const plural = pluralIn('de')
const files = (n: number) => plural(n, { one: '1 Datei', other: `${n} Dateien` })

export const messages: Messages = {
  dir: 'ltr',

  name: 'Longhaul',
  licences: 'Lizenzen',

  bytes: (n) => plural(n, { one: '1 Byte', other: `${n} Bytes` }),
  size: (n, unit) => `${n} ${unit}`,
  partOf: (part, whole) => `${part} von ${whole}`,
  percent: (n) => `${n} %`,
  speed: (size) => `${size}/s`,
  left: {
    soon: 'noch wenige Sekunden',
    seconds: (n) => `${n} s`,
    minutes: (n) => `${n} min`,
    hours: (n) => `${n} h`,
    days: (n) => plural(n, { one: '1 Tag', other: `${n} Tage` }),
    about: (most, rest) => `noch etwa ${rest ? `${most} ${rest}` : most}`,
  },

  choose: 'Dateien wählen',
  chooseFolder: 'Ordner wählen',
  sendHere: 'Dateien von diesem Gerät senden',
  dropAnywhere: 'Dateien irgendwo auf diese Seite ziehen',
  dropHere: 'Dateien hierher ziehen',
  dropNow: 'Loslassen zum Hochladen',
  promise: 'Das Hochladen beginnt sofort. Bricht die Verbindung ab, geht es von selbst dort weiter, wo es stehen blieb.',
  unreadable: (paths, more) => `Der Browser konnte ${paths}${more > 0 ? ` und ${more} weitere` : ''} nicht lesen.`,
  nothingFound: 'Darin sind keine Dateien.',
  dismiss: 'Schließen',
  offlineBanner: 'Sie sind offline. Das Hochladen geht von selbst weiter, sobald die Verbindung wieder da ist.',
  keepOpen:
    'Lassen Sie diese Seite im Vordergrund: Im Hintergrund hält dieses Gerät das Hochladen an. Es geht weiter, wenn Sie zurückkommen.',

  uploads: 'Uploads',
  summary: (done, all) => (done === 0 && all === 1 ? '1 Datei' : `${done === all ? '' : `${done} von `}${files(all)} hochgeladen`),
  overall: 'Alle Uploads',
  clearDone: 'Fertige ausblenden',

  state: {
    waiting: 'Wartet, bis es an der Reihe ist',
    checking: (percent) => `Vergleicht mit dem, was der Server hat, ${percent} %`,
    starting: 'Beginnt',
    uploading: 'Wird hochgeladen',
    finishing: 'Gleich fertig: wartet auf die Bestätigung des Servers',
    verifying: (percent) => `Prüft, was angekommen ist, ${percent} %`,
    paused: 'Angehalten',
    offline: 'Offline. Geht weiter, sobald die Verbindung wieder da ist',
    retrying: (seconds, why) => (seconds > 0 ? `Neuer Versuch in ${seconds} s: ${why}` : `Neuer Versuch: ${why}`),
    cancelling: 'Wird auf dem Server gelöscht',
    done: 'Hochgeladen',
    verified: 'Hochgeladen und geprüft',
    failed: 'Fehlgeschlagen',
  },
  sent: (amount) => `${amount} gesendet`,
  stored: (amount) => `${amount} gespeichert`,
  progressOf: (name) => `Fortschritt von ${name}`,

  pause: 'Anhalten',
  resume: 'Fortsetzen',
  cancel: 'Abbrechen',
  retry: 'Nochmals versuchen',
  sendAnew: 'Neu senden',
  uploadAnyway: 'Trotzdem hochladen',
  remove: 'Entfernen',
  download: 'Herunterladen',
  confirmDelete: 'Gesendetes löschen?',
  confirmYes: 'Löschen',
  confirmNo: 'Behalten',
  actionFor: (action, name) => `${action}: ${name}`,

  details: {
    show: 'Einzelheiten',
    link: 'Link',
    qr: 'Der Link als QR-Code',
    copy: 'Kopieren',
    copied: 'Kopiert',
    notCopied: 'Markieren Sie den Text und kopieren Sie ihn',
    digest: 'SHA-256',
    noDigest: 'Der Server hat keinen SHA-256 genannt.',
    compare: 'Mit der Datei vergleichen',
    comparing: (percent) => `Vergleicht, ${percent} %`,
    equal: 'Verglichen: Die Datei hier hat denselben.',
    differs: 'Die Datei hier hat einen anderen. Sie ist nicht das, was angekommen ist.',
    unreadable: 'Die Datei hier ist nicht mehr lesbar.',
    curl: 'Mit curl herunterladen',
    push: 'Mit longhaul senden',
    token: 'Der Server will ein Token: Der Link allein öffnet nichts. Die Befehle nehmen es aus der Variablen LONGHAUL_TOKEN.',
  },

  why: {
    unreachable: 'Der Server ist nicht erreichbar',
    restarting: 'Der Server startet neu oder ist beschäftigt',
    busy: 'Der Server schließt noch die letzte Verbindung',
    unproven: 'Die Antwort belegt nicht, was der Server hat',
    stalled: 'Zwei Minuten lang bewegte sich nichts',
    full: 'Der Server hat keinen Platz mehr',
    tooMany: 'Der Server bittet zu warten',
    serverTrouble: (status) => `Der Server hatte ein Problem (${status})`,
    between: (status) => `Etwas vor dem Server antwortete ${status}`,
  },

  failed: {
    changed: {
      why: 'Die Datei hat sich geändert oder ist nicht mehr lesbar.',
      advice: 'Wählen Sie sie nochmals: Unverändert geht es weiter, verändert wird sie neu gesendet.',
    },
    mixed: {
      why: 'Alles ist angekommen, aber die Datei wurde unterdessen geändert oder verschoben.',
      advice:
        'Wählen Sie sie zum Vergleichen nochmals: Nur wenn sich ihr Inhalt geändert hat, kann Altes und Neues gemischt angekommen sein.',
    },
    arrivedOther: {
      why: 'Alles ist angekommen, aber mit einem anderen SHA-256 als dem der Datei hier.',
      advice: 'Löschen Sie es und senden Sie die Datei nochmals. Geschieht das wieder, sagen Sie es dem Betreiber des Servers.',
    },
    otherContent: {
      why: 'Der Inhalt dieser Datei ist nicht derselbe wie zu Beginn.',
      advice: 'Nichts davon wurde angehängt. Senden Sie sie neu, um sie so hochzuladen, wie sie jetzt ist.',
    },
    otherTab: {
      why: 'Ein anderer Tab dieses Browsers lädt diese Datei hoch.',
      advice: 'Überlassen Sie sie ihm, oder schließen Sie ihn und versuchen Sie es nochmals.',
    },
    duplicate: {
      why: 'Diese Datei steht schon in der Liste.',
      advice: 'Ist es eine andere Datei desselben Namens, laden Sie sie trotzdem hoch.',
    },
    tooLarge: {
      why: 'Die Datei ist größer, als der Server annimmt.',
      advice: 'Bitten Sie den Betreiber des Servers, die Grenze anzuheben, und versuchen Sie es nochmals.',
    },
    notAllowed: {
      why: 'Der Server erlaubt Ihnen das Hochladen nicht.',
      advice: 'Vielleicht müssen Sie sich wieder anmelden. Versuchen Sie es dann nochmals.',
    },
    refused: (text) => ({
      why: text ? `Der Server hat den Upload abgelehnt (${text}).` : 'Der Server hat den Upload abgelehnt.',
      advice: 'Versuchen Sie es nochmals, oder sagen Sie es dem Betreiber des Servers.',
    }),
  },

  note: {
    continued: (amount) => `Bei ${amount} fortgesetzt.`,
    expired: 'Der Server hatte den früher gesendeten Teil nicht mehr, darum hat es von vorn begonnen.',
    different: 'Nicht die unterbrochene Datei dieses Namens (Größe oder Datum anders), darum ein neuer Upload.',
    sameName:
      'Dieser Browser hat schon eine Datei dieses Namens gesendet. Nichts wird überschrieben: Der Server gibt dieser eine Nummer.',
  },

  interrupted: {
    title: 'Unterbrochene Uploads',
    how: 'Wählen Sie dieselbe Datei nochmals oder ziehen Sie sie hierher: Es geht weiter, wo es stehen blieb.',
    resumable: (n) =>
      plural(n, {
        one: 'Der Browser fragt, ob diese Seite die Datei wieder lesen darf.',
        other: `Der Browser fragt, ob diese Seite die ${n} Dateien wieder lesen darf.`,
      }),
    asking: 'Fragt den Server',
    stored: (amount) => `${amount} sind auf dem Server`,
    unbegun: 'Noch nicht begonnen',
    complete: 'Vollständig: Alles ist auf dem Server',
    gone: 'Nicht mehr auf dem Server. Wählen Sie die Datei, beginnt ein neuer Upload',
    elsewhere: 'Wird in einem anderen Tab hochgeladen',
    unreachable: 'Der Server ist nicht erreichbar. Fragt weiter',
    changed: 'Die Datei hat sich seither geändert. Wählen Sie sie, um sie so zu senden, wie sie jetzt ist',
    missing: 'Die Datei ist nicht mehr, wo sie war. Wählen Sie sie nochmals, um fortzusetzen',
    more: (n) => `und ${n} weitere`,
    notDeleted: 'Der Server konnte es nicht löschen. Versuchen Sie es später nochmals',
    delete: 'Löschen',
    forget: 'Vergessen',
  },

  history: {
    title: 'Von diesem Browser gesendet',
    count: files,
    asking: 'Fragt den Server',
    there: 'Auf dem Server',
    gone: 'Nicht mehr auf dem Server: gelöscht oder abgelaufen',
    moved: 'Jemand hat sie auf dem Server verschoben',
    unreachable: 'Der Server ist nicht erreichbar',
    deleted: 'Gelöscht',
    undo: 'Rückgängig',
    more: 'Mehr zeigen',
  },

  live: {
    added: (n, name) => plural(n, { one: `${name}: Upload begonnen.`, other: `${n} Dateien hinzugefügt.` }),
    done: (n, name) => plural(n, { one: `${name}: hochgeladen.`, other: `${n} Dateien hochgeladen.` }),
    failed: (n, name) => plural(n, { one: `${name}: fehlgeschlagen.`, other: `${n} Dateien fehlgeschlagen.` }),
    offline: 'Offline.',
    online: 'Wieder online.',
  },

  title: (percent) => `${percent} % · Longhaul`,
  titleDone: 'Fertig · Longhaul',
}
