import { useContext, useRef, useState } from "preact/hooks";
import { AskProblem, makeLink } from "./api.ts";
import { SessionContext } from "./session-context.ts";
import { type PanelName, panels, panelsOfEveryone } from "./shared-view.ts";
import { writeView } from "./view.ts";

const titles: Record<PanelName, string> = {
  headline: "Online, last 24 hours, 7 and 30 days",
  trend: "Active people",
  newcomers: "New and returning",
  stickiness: "Stickiness",
  lifecycle: "Life cycle",
  retention: "Retention",
  growth: "Growth",
  power: "Power users",
  split: "Who they are",
};

/** Makes a link that shows some panels of this view to whoever has it. */
export function ShareButton() {
  const { key, view, facts } = useContext(SessionContext);
  const dialog = useRef<HTMLDialogElement>(null);
  const [chosen, setChosen] = useState<ReadonlySet<PanelName>>(new Set(["headline", "trend"]));
  const [link, setLink] = useState<string | null>(null);
  const [complaint, setComplaint] = useState<string | null>(null);
  const mayShow = (name: PanelName) =>
    view.only !== null
      ? !panelsOfEveryone.includes(name)
      : name !== "split" || facts?.dimensions.length !== 0;
  const shown = panels.filter((name) => chosen.has(name) && mayShow(name));

  const choose = (name: PanelName, isChosen: boolean) => {
    setChosen(new Set(panels.filter((one) => (one === name ? isChosen : chosen.has(one)))));
    setLink(null);
  };
  const make = async () => {
    try {
      const members = Object.fromEntries(new URLSearchParams(writeView({ ...view, app: null })));
      setLink(location.origin + (await makeLink({ ...members, panels: shown }, key)).path);
      setComplaint(null);
    } catch (error) {
      setComplaint(error instanceof AskProblem ? `${error.message} ${error.remedy}` : "No link was created.");
    }
  };

  return (
    <>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          setLink(null);
          setComplaint(null);
          dialog.current?.showModal();
        }}
      >
        Share
      </button>
      <dialog ref={dialog} class="share" aria-labelledby="share-title">
        <h2 id="share-title">Share this view</h2>
        <p class="help">
          Anyone with the link sees these panels, live, with this period and filter, and nothing else.
        </p>
        <fieldset>
          <legend class="unseen">What the link shows</legend>
          {panels.map((name) => (
            <label key={name} class="check">
              <input
                type="checkbox"
                checked={chosen.has(name) && mayShow(name)}
                disabled={!mayShow(name)}
                onChange={(event) => choose(name, event.currentTarget.checked)}
              />
              {titles[name]}
            </label>
          ))}
        </fieldset>
        {view.only !== null && (
          <p class="help">Growth and “Who they are” can’t be filtered, so a filtered view leaves them out.</p>
        )}
        {link !== null && (
          <>
            <Copied label="Link" text={link} />
            <Copied
              label="Embed code"
              text={`<iframe src="${link}" title="Headcount" width="100%" height="900"></iframe>`}
            />
            <p class="help">
              Only pages whose origin is in the setting <code>embedOrigins</code> can show the view in a
              frame. To revoke all links, retire the share keys in the settings.
            </p>
          </>
        )}
        <p class="complaint" role="alert">
          {complaint}
        </p>
        <div class="share-actions">
          <button class="button" type="button" disabled={shown.length === 0} onClick={() => void make()}>
            Create link
          </button>
          <button class="quiet" type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </dialog>
    </>
  );
}

/** A text to be copied. */
function Copied({ label, text }: { label: string; text: string }) {
  return (
    <label class="share-text">
      {label}
      <input type="text" readOnly value={text} onFocus={(event) => event.currentTarget.select()} />
    </label>
  );
}
