import(new URL("./assets/element-DfqCHgPh.js", document.currentScript.src))
