import(new URL("./assets/element-D9aX2_-B.js", document.currentScript.src))
