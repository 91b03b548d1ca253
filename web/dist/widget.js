import(new URL("./assets/element-JZcFLK_i.js", document.currentScript.src))
