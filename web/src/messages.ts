// Every text that people read, in one place.
export const messages = {
  name: 'Longhaul',
  licences: 'Licences',

  choose: 'Choose files',
  sendHere: 'Send files from this device',
  dropHere: 'Drop files anywhere on this page',
  dropNow: 'Drop to upload',
  promise: 'Uploads start at once. If the connection breaks, they continue by themselves where they stopped.',
  chooseFolder: 'Choose a folder',
  unreadable: (paths: string[]) =>
    `The browser could not read ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}.`,
  nothingFound: 'There are no files in it.',
  dismiss: 'Dismiss',
  offlineBanner: 'You are offline. Uploads continue by themselves when the connection is back.',

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
    paused: 'Paused',
    offline: 'Offline. Continues when the connection is back',
    retrying: (seconds: number, why: string) =>
      seconds > 0 ? `Trying again in ${seconds} s: ${why}` : `Trying again: ${why}`,
    cancelling: 'Deleting from the server',
    done: 'Uploaded',
    failed: 'Failed',
  },
  sent: (amount: string) => `${amount} sent`,
  stored: (amount: string) => `${amount} stored`,
  speed: (size: string) => `${size}/s`,
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
      why: text ? `The server refused the upload (${text.replace(/[.\s]+$/, '')}).` : 'The server refused the upload.',
      advice: 'Retry, or tell whoever runs this server.',
    }),
  },

  note: {
    continued: (amount: string) => `Continued at ${amount}.`,
    expired: 'The server no longer had the part sent earlier, so this started from the beginning.',
    different: 'Not the interrupted file of this name (size or date differ), so this is a new upload.',
  },

  interrupted: {
    title: 'Interrupted uploads',
    how: 'Choose or drop the same file again and its upload continues where it stopped.',
    resumable: (n: number) =>
      n === 1 ? 'The browser asks whether this page may read the file again.' : `The browser asks whether this page may read the ${n} files again.`,
    unbegun: 'Not begun yet',
    changed: 'The file changed since. Choose it to send it as it is now',
    missing: 'The file is no longer where it was. Choose it again to continue',
    more: (n: number) => `and ${n} more`,
    asking: 'Asking the server',
    stored: (amount: string) => `${amount} are on the server`,
    complete: 'Complete: all of it is on the server',
    gone: 'No longer on the server. Choosing the file starts a new upload',
    elsewhere: 'Being uploaded in another tab',
    unreachable: 'The server cannot be reached. Asking again',
    notDeleted: 'The server could not delete it. Try again later',
    delete: 'Delete',
    forget: 'Forget',
  },

  live: {
    added: (n: number, name: string) => (n === 1 ? `${name}: upload started.` : `${n} files added.`),
    done: (n: number, name: string) => (n === 1 ? `${name}: uploaded.` : `${n} files uploaded.`),
    failed: (n: number, name: string) => (n === 1 ? `${name}: failed.` : `${n} files failed.`),
    offline: 'Offline.',
    online: 'Online again.',
  },

  title: (percent: number) => `${percent} % · Longhaul`,
  titleDone: 'Done · Longhaul',
}
