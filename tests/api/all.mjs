// SPDX-License-Identifier: Apache-2.0
// All tests of the API, in order: those of resources build on each other, and the others on what they leave.
import './resources.mjs';
import './property.mjs';
import './wire.mjs';
