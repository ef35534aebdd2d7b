/* The txt2img tab takes the parameters of pictures that are sent to it. */
"use strict";

(() => {
  const { paintbox } = window;
  const PROMPT = "#txt2img_prompt textarea";

  const open = async ({ infotext, name }) => {
    if (!infotext) throw new Error(`${name || "The picture"} has no generation parameters.`);
    paintbox.openTab("txt2img");
    await new Promise((drawn) => paintbox.once(PROMPT, drawn));
    paintbox.setField("txt2img_prompt", infotext);
    paintbox.once("#txt2img_tools .icon-paste", (button) => button.click());
  };
  paintbox.pictures.addTarget({ id: "txt2img", label: "txt2img", open });
})();
