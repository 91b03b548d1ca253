import { pluralIn } from '../plural.ts'

const plural = pluralIn('en')

// Every text that people read, and the one language that all others are measured by.
export const messages = {
  /** Where lines begin: 'ltr' or 'rtl'. */
  dir: 'ltr',

  name: 'Longhaul',
  licences: 'Licences',

  bytes: (n: number) => plural(n, { one: '1 byte', other: `${n} bytes` }),
  size: (n: string, unit: string) => `${n} ${unit}`,
  /** Both already written as numbers, the second with its unit. */
  partOf: (part: string, whole: string) => `${part} of ${whole}`,
  percent: (n: number) => `${n} %`,
  speed: (size: string) => `${size}/s`,
  left: {
    soon: 'a few seconds left',
    seconds: (n: number) => `${n} s`,
    minutes: (n: number) => `${n} min`,
    hours: (n: number) => `${n} h`,
    days: (n: number) => `${n} d`,
    about: (most: string, rest?: string) => `about ${rest ? `${most} ${rest}` : most} left`,
  },

  choose: 'Choose files',
  chooseFolder: 'Choose a folder',
  sendHere: 'Send files from this device',
  dropAnywhere: 'Drop files anywhere on this page',
  dropHere: 'Drop files here',
  dropNow: 'Drop to upload',
  promise: 'Uploads start at once. If the connection breaks, they continue by themselves where they stopped.',
  unreadable: (paths: string, more: number) => `The browser could not read ${paths}${more > 0 ? ` and ${more} more` : ''}.`,
  nothingFound: 'There are no files in it.',
  dismiss: 'Dismiss',
  offlineBanner: 'You are offline. Uploads continue by themselves when the connection is back.',
  keepOpen: 'Keep this page in front: this device stops uploads in the background. They continue when you come back.',

  uploads: 'Uploads',
  summary: (done: number, all: number) =>
    all === 1 ? (done ? '1 file uploaded' : '1 file') : `${done === all ? all : `${done} of ${all}`} files uploaded`,
  overall: 'All uploads',
  clearDone: 'Clear finished',

  state: {
    waiting: 'Waiting for its turn',
    checking: (percent: number) => `Comparing with what the server has, ${percent} %`,
    starting: 'Starting',
    uploading: 'Uploading',
    finishing: 'Finishing: waiting for the server to confirm',
    verifying: (percent: number) => `Verifying what arrived, ${percent} %`,
    paused: 'Paused',
    offline: 'Offline. Continues when the connection is back',
    retrying: (seconds: number, why: string) =>
      seconds > 0 ? `Trying again in ${seconds} s: ${why}` : `Trying again: ${why}`,
    cancelling: 'Deleting from the server',
    done: 'Uploaded',
    verified: 'Uploaded and verified',
    failed: 'Failed',
  },
  sent: (amount: string) => `${amount} sent`,
  stored: (amount: string) => `${amount} stored`,
  progressOf: (name: string) => `Progress of ${name}`,

  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  retry: 'Retry',
  sendAnew: 'Send it anew',
  uploadAnyway: 'Upload anyway',
  remove: 'Remove',
  download: 'Download',
  confirmDelete: 'Delete what was sent?',
  confirmYes: 'Delete',
  confirmNo: 'Keep',
  actionFor: (action: string, name: string) => `${action}: ${name}`,

  details: {
    show: 'Details',
    link: 'Link',
    qr: 'The link as a QR code',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'Select the text and copy it',
    digest: 'SHA-256',
    noDigest: 'The server did not tell a SHA-256.',
    compare: 'Compare with the file',
    comparing: (percent: number) => `Comparing, ${percent} %`,
    equal: 'Compared: the file here has the same.',
    differs: 'The file here has another one. It is not what arrived.',
    unreadable: 'The file here can no longer be read.',
    curl: 'Download with curl',
    push: 'Send with longhaul',
    token: 'The server wants a token: the link alone opens nothing. The commands take it from the variable LONGHAUL_TOKEN.',
  },

  why: {
    unreachable: 'the server cannot be reached',
    restarting: 'the server is restarting or busy',
    busy: 'the server is still closing the last connection',
    unproven: 'the answer came without a proof of what the server holds',
    stalled: 'nothing moved for two minutes',
    full: 'the server has no room left',
    tooMany: 'the server asks to wait',
    serverTrouble: (status: number) => `the server had a problem (${status})`,
    between: (status: number) => `something before the server answered ${status}`,
  },

  failed: {
    changed: {
      why: 'The file changed on disk, or can no longer be read.',
      advice: 'Choose it again: unchanged it continues, changed it is sent anew.',
    },
    mixed: {
      why: 'All of it arrived, but the file changed on disk or was moved meanwhile.',
      advice: 'Choose it again to compare: only if its content changed, what arrived may mix old and new.',
    },
    arrivedOther: {
      why: 'All of it arrived, but its SHA-256 is not that of the file here.',
      advice: 'Delete it and send the file again. If this happens again, tell whoever runs this server.',
    },
    otherContent: {
      why: 'The content of this file is not the same as when the upload began.',
      advice: 'Nothing of it was appended. Send it anew to upload the file as it is now.',
    },
    otherTab: {
      why: 'Another tab of this browser is uploading this file.',
      advice: 'Leave it to that tab, or close that tab and retry.',
    },
    duplicate: {
      why: 'This file is already in the list.',
      advice: 'If it is another file of the same name, upload it anyway.',
    },
    tooLarge: {
      why: 'The file is larger than the server takes.',
      advice: 'Ask whoever runs this server to raise the limit, then retry.',
    },
    notAllowed: {
      why: 'The server does not let you upload.',
      advice: 'You may have to sign in again. Then retry.',
    },
    refused: (text: string) => ({
      why: text ? `The server refused the upload (${text}).` : 'The server refused the upload.',
      advice: 'Retry, or tell whoever runs this server.',
    }),
  },

  note: {
    continued: (amount: string) => `Continued at ${amount}.`,
    expired: 'The server no longer had the part sent earlier, so this started from the beginning.',
    different: 'Not the interrupted file of this name (size or date differ), so this is a new upload.',
    sameName: 'This browser has sent a file of this name before. Nothing is overwritten: the server gives this one a number.',
  },

  interrupted: {
    title: 'Interrupted uploads',
    how: 'Choose or drop the same file again and its upload continues where it stopped.',
    resumable: (n: number) =>
      plural(n, {
        one: 'The browser asks whether this page may read the file again.',
        other: `The browser asks whether this page may read the ${n} files again.`,
      }),
    asking: 'Asking the server',
    stored: (amount: string) => `${amount} are on the server`,
    unbegun: 'Not begun yet',
    complete: 'Complete: all of it is on the server',
    gone: 'No longer on the server. Choosing the file starts a new upload',
    elsewhere: 'Being uploaded in another tab',
    unreachable: 'The server cannot be reached. Asking again',
    changed: 'The file changed since. Choose it to send it as it is now',
    missing: 'The file is no longer where it was. Choose it again to continue',
    more: (n: number) => `and ${n} more`,
    notDeleted: 'The server could not delete it. Try again later',
    delete: 'Delete',
    forget: 'Forget',
  },

  history: {
    title: 'Sent from this browser',
    count: (n: number) => plural(n, { one: '1 file', other: `${n} files` }),
    asking: 'Asking the server',
    there: 'On the server',
    gone: 'No longer on the server: deleted or expired',
    moved: 'Somebody has moved it away on the server',
    unreachable: 'The server cannot be reached',
    deleted: 'Deleted',
    undo: 'Undo',
    more: 'Show more',
  },

  live: {
    added: (n: number, name: string) => plural(n, { one: `${name}: upload started.`, other: `${n} files added.` }),
    done: (n: number, name: string) => plural(n, { one: `${name}: uploaded.`, other: `${n} files uploaded.` }),
    failed: (n: number, name: string) => plural(n, { one: `${name}: failed.`, other: `${n} files failed.` }),
    offline: 'Offline.',
    online: 'Online again.',
  },

  title: (percent: number) => `${percent} % · Longhaul`,
  titleDone: 'Done · Longhaul',
}
