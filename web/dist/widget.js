import(new URL("./assets/element-DlFfgpdj.js", document.currentScript.src))
