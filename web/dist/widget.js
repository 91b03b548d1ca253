import(new URL("./assets/element-D9xD_s0W.js", document.currentScript.src))
