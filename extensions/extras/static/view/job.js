/* Follows a job until it has ended, whatever happens to the connection. */

const { paintbox } = window;
const ENDED = ["done", "failed", "cancelled", "interrupted"];
const RETRY_MS = 1500;

/** `on`: {progress({fraction, text}), image(image), ended(job)}; returns {job}. */
export const followJob = (job, on) => {
  let source = null;
  let isOver = false;

  const finish = async () => {
    if (isOver) return;
    source?.close();
    try {
      const known = await paintbox.request("GET", `paintbox/v1/jobs/${job}`);
      if (!ENDED.includes(known.state)) return listen();
      isOver = true;
      on.ended(known);
    } catch (error) {
      if (![404, 410].includes(error.status)) return void setTimeout(finish, RETRY_MS);
      isOver = true;
      on.ended({ id: job, state: "failed", error: error.message, result: { images: [], comments: [], alerts: [], info: {} } });
    }
  };

  const listen = () => {
    const stream = (source = new EventSource(paintbox.address(`paintbox/v1/jobs/${job}/events`)));
    const take = (name, call) => stream.addEventListener(name, (event) => stream === source && !isOver && call(JSON.parse(event.data)));
    take("snapshot", (snapshot) => {
      if (ENDED.includes(snapshot.job.state)) return finish();
      if (snapshot.progress) on.progress(snapshot.progress);
      else if (snapshot.position != null) on.progress({ fraction: 0, text: snapshot.position ? `In queue: ${snapshot.position + 1}` : "" });
    });
    take("queued", (event) => on.progress({ fraction: 0, text: event.position ? `In queue: ${event.position + 1}` : "" }));
    take("progress", on.progress);
    take("image", (event) => on.image(event.image));
    for (const name of ["done", "failed", "cancelled"]) take(name, finish);
    stream.onerror = () => stream.readyState === EventSource.CLOSED && setTimeout(() => stream === source && finish(), RETRY_MS);
  };

  listen();
  return { job };
};
