/** Where this device keeps whether single keys are shortcuts (WCAG 2.1.4: people can turn them off). */
const setting = 'singleKeys';

export function areSingleKeysOn(): boolean {
	try {
		return localStorage.getItem(setting) !== 'off';
	} catch {
		return true;
	}
}

export function setSingleKeys(isOn: boolean): void {
	try {
		if (isOn) localStorage.removeItem(setting);
		else localStorage.setItem(setting, 'off');
	} catch {
		// Storage is off: single keys stay on.
	}
}

/**
 * Whether a key press may be a single-key shortcut: nobody types, no modifier is held, no input
 * method composes, no dialog is open above, and this device did not turn single keys off.
 */
export function isSingleKey(event: KeyboardEvent): boolean {
	if (event.defaultPrevented || event.isComposing || event.repeat) return false;
	if (event.ctrlKey || event.metaKey || event.altKey) return false;
	if (isTextField(event.target) || document.querySelector('dialog:modal')) return false;
	return areSingleKeysOn();
}

/** Whether typing into it makes text. */
export function isTextField(target: EventTarget | null): boolean {
	if (!(target instanceof HTMLElement)) return false;
	if (target.isContentEditable || target.matches('textarea, select')) return true;
	return target.matches('input:not([type=radio], [type=checkbox], [type=button], [type=range])');
}
