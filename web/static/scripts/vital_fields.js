// The vital signs: one small number field each.
import { make } from './dom.js';

const VITALS = [
  { name: 'temperature_c', label: 'Temperature', unit: '°C' },
  { name: 'heart_rate_bpm', label: 'Heart rate', unit: 'per min' },
  { name: 'respiratory_rate_bpm', label: 'Breathing rate', unit: 'per min' },
  { name: 'spo2_percent', label: 'Oxygen saturation', unit: '%' },
  { name: 'systolic_mmhg', label: 'Systolic pressure', unit: 'mmHg' },
  { name: 'diastolic_mmhg', label: 'Diastolic pressure', unit: 'mmHg' },
  { name: 'weight_kg', label: 'Weight', unit: 'kg' },
  { name: 'bmi', label: 'Body mass index', unit: 'kg/m²' },
];

export const VITAL_NAMES = VITALS.map((vital) => vital.name);

export function buildVitals(container) {
  container.append(...VITALS.map(({ name, label, unit }) => {
    const input = make('input', {
      id: name, type: 'text', inputMode: 'decimal', maxLength: 8, autocomplete: 'off', 'aria-describedby': `${name}-unit ${name}-message`,
    });
    return make('div', { className: 'field', 'data-pointer': `/vitals/${name}` },
      make('label', { for: name }, label),
      make('div', { className: 'measure' }, input, make('span', { id: `${name}-unit`, className: 'unit' }, unit)),
      make('p', { className: 'message', id: `${name}-message`, hidden: true }));
  }));
}
