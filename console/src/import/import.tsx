import { Stepper } from "@mantine/core";
import type { DateOrder, FilePlan } from "@muster/client/import";
import { useRef, useState } from "react";
import { Screen } from "../pieces/screen.tsx";
import type { Ended } from "./carry-out.ts";
import { CheckStep } from "./check-step.tsx";
import { DropStep } from "./drop-step.tsx";
import classes from "./import.module.css";
import { MatchStep } from "./match-step.tsx";
import type { Corrected } from "./open-file.ts";
import { type Checked, type Looked, planOf } from "./prepare.ts";
import { ResultStep } from "./result-step.tsx";
import { SendStep } from "./send-step.tsx";

/** Where an import is. Each step holds what the steps before it found out. */
type State =
	| { readonly step: "drop" }
	| {
			readonly step: "match";
			readonly looked: Looked;
			readonly plan: FilePlan;
			readonly dates: DateOrder | undefined;
	  }
	| {
			readonly step: "check";
			readonly looked: Looked;
			readonly plan: FilePlan;
			readonly corrected: Corrected;
	  }
	| {
			readonly step: "send";
			readonly looked: Looked;
			readonly plan: FilePlan;
			readonly corrected: Corrected;
			readonly checked: Checked;
	  }
	| { readonly step: "result"; readonly looked: Looked; readonly ended: Ended };

const steps = ["drop", "match", "check", "send", "result"] as const;

/** A file becomes customers or organizations in five steps, by the engine of `muster import`. */
export function Import() {
	const [state, setState] = useState<State>({ step: "drop" });
	const heading = useRef<HTMLDivElement>(null);
	const go = (next: State): void => {
		setState(next);
		// The next step is read from its beginning.
		requestAnimationFrame(() => heading.current?.focus());
	};
	const active = steps.indexOf(state.step);
	return (
		<Screen
			title="Import"
			about="From a CSV of another system to customers or organizations. Nothing is sent before the fourth step."
		>
			<Stepper
				active={active}
				size="sm"
				allowNextStepsSelect={false}
				iconSize={30}
				classNames={{ steps: classes.steps, step: classes.step, stepBody: classes.stepBody }}
			>
				<Stepper.Step label="Choose" />
				<Stepper.Step label="Match" />
				<Stepper.Step label="Check" />
				<Stepper.Step label="Send" />
				<Stepper.Step label="Result" />
			</Stepper>
			<div ref={heading} tabIndex={-1} style={{ outline: "none" }}>
				<StepOf state={state} go={go} />
			</div>
		</Screen>
	);
}

function StepOf({ state, go }: { readonly state: State; readonly go: (state: State) => void }) {
	switch (state.step) {
		case "drop":
			return (
				<DropStep
					onLooked={(looked) => go({ step: "match", looked, plan: planOf(looked, {}), dates: undefined })}
				/>
			);
		case "match":
			return (
				<MatchStep
					looked={state.looked}
					plan={state.plan}
					dates={state.dates}
					onPlan={(plan, dates) => go({ ...state, plan, dates })}
					onBack={() => go({ step: "drop" })}
					onNext={() => go({ step: "check", looked: state.looked, plan: state.plan, corrected: new Map() })}
				/>
			);
		case "check":
			return (
				<CheckStep
					looked={state.looked}
					plan={state.plan}
					corrected={state.corrected}
					onCorrected={(corrected) => go({ ...state, corrected })}
					onBack={() => go({ step: "match", looked: state.looked, plan: state.plan, dates: undefined })}
					onNext={(checked) => go({ ...state, step: "send", checked })}
				/>
			);
		case "send":
			return (
				<SendStep
					looked={state.looked}
					plan={state.plan}
					corrected={state.corrected}
					checked={state.checked}
					onEnded={(ended) => go({ step: "result", looked: state.looked, ended })}
				/>
			);
		case "result":
			return <ResultStep looked={state.looked} ended={state.ended} onAgain={() => go({ step: "drop" })} />;
	}
}
